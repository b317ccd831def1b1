"""A shop's pages and a Grapevine that answers as a test tells it, on two origins of this machine."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from adapters.tracking.tag.files import Manifest, TagFiles

T = TypeVar("T")
How = Literal["well", "down", "hangs", "garbage", "error", "old"]
KEY = "gv_pub_test"
GARBAGE = b"<!doctype html><title>Maintenance</title><h1>Back soon</h1>"


class Visit(msgspec.Struct, kw_only=True):
    """One test's shop: its page, and how its Grapevine behaves."""

    name: str
    html: str = ""
    page_headers: dict[str, str] = {}
    config: dict[str, Any] = {}
    how: dict[str, How] = {}
    """By what is asked for: loader, config, core, events."""
    asked: list[str] = []
    posts: list[dict[str, Any]] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        """Each once, however often it came."""
        return list({event["id"]: event for post in self.posts for event in post["events"]}.values())

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["name"] == name]

    def behaviour(self, part: str) -> How:
        return self.how.get(part, self.how.get("all", "well"))


class Street:
    """Two servers: `shop` with the pages, `host` with the tag, its configuration and the events' door."""

    def __init__(self, files: TagFiles) -> None:
        self.files = files
        self.visits: dict[str, Visit] = {}
        self.over = threading.Event()

    @property
    def manifest(self) -> Manifest:
        return self.files.manifest

    @contextmanager
    def open(self) -> Iterator["Street"]:
        servers = [ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, self)) for kind in (_Shop, _Host)]
        for server in servers:
            server.daemon_threads = True
            threading.Thread(target=partial(server.serve_forever, 0.02), daemon=True).start()
        self.shop_port, self.host_port = (server.server_address[1] for server in servers)
        try:
            yield self
        finally:
            self.over.set()
            for server in servers:
                server.shutdown()
                server.server_close()

    def visit(self, name: str, **details: Any) -> Visit:
        config = {"on": True, "shop": "nordlicht", "currency": "EUR", "cookie_days": 30}
        consent = {"ad_storage": "denied", "analytics_storage": "denied"}
        details["config"] = config | {"consent": consent} | details.get("config", {})
        self.visits[name] = Visit(name=name, **details)
        return self.visits[name]

    def page(self, visit: Visit, rest: str = "") -> str:
        """On a site of its own, with its own storage and cookies: browsers take every *.localhost for this machine."""
        return f"http://{visit.name}.localhost:{self.shop_port}/{rest}"

    def base(self, visit: Visit) -> str:
        """Grapevine's address for this visit, on another site than the shop's."""
        return f"http://refer.localhost:{self.host_port}/{visit.name}"

    def snippet(self, visit: Visit, nonce: str = "") -> str:
        text = self.manifest.snippet.text.replace("https://HOST", self.base(visit)).replace("PUBLISHABLE_KEY", KEY)
        return f"<script{f' nonce={nonce}' if nonce else ''}>{text}</script>"


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, street: Street, *arguments: Any) -> None:
        self.street = street
        super().__init__(*arguments)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        pass

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"content-length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Shop(_Quiet):
    def do_GET(self) -> None:
        visit = self.street.visits.get(str(self.headers["host"]).partition(".")[0])
        if visit is None:
            self.reply(404, b"", {})
            return
        if self.path == "/slow.svg":
            time.sleep(0.3)
        headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"} | visit.page_headers
        self.reply(200, visit.html.encode(), headers)


class _Host(_Quiet):
    @property
    def visit(self) -> Visit | None:
        return self.street.visits.get(urlsplit(self.path).path.split("/")[1])

    def do_GET(self) -> None:
        visit = self.visit
        name = urlsplit(self.path).path.rpartition("/")[2]
        if visit is None:
            self.reply(404, b"", {})
            return
        part = "config" if "/v1/" in self.path else "core" if name.startswith("core.") else "loader"
        visit.asked.append(part)
        if self.misbehaves(visit.behaviour(part)):
            return
        if part == "config":
            self.say(json.dumps(visit.config).encode(), "application/json", "public, max-age=30")
            return
        served = self.street.files.by_name.get(name)
        if served is None:
            self.reply(404, b"", {"access-control-allow-origin": "*"})
            return
        body = served.bodies[""]
        if visit.behaviour(part) == "old" and "again" not in self.path:
            body = body.replace(self.street.manifest.core.file.encode(), b"core.0000000000000000.js")
        self.say(body, served.media_type.decode(), served.cache.decode())

    def do_POST(self) -> None:
        visit = self.visit
        body = self.rfile.read(int(self.headers["content-length"]))
        if visit is None:
            self.reply(404, b"", {})
            return
        visit.asked.append("events")
        if self.misbehaves(visit.behaviour("events")):
            return
        assert self.headers["content-type"].startswith("text/plain"), "a preflight would be needed"
        assert "cookie" not in self.headers
        visit.posts.append(json.loads(body))
        accepted = len(visit.posts[-1]["events"])
        answer = {"off": True} if not visit.config["on"] else {"accepted": accepted, "duplicates": 0, "refused": []}
        self.say(json.dumps(answer).encode(), "application/json", "no-store")

    def misbehaves(self, how: How) -> bool:
        if how == "down":
            self.close_connection = True
        elif how == "hangs":
            self.street.over.wait(30)
            self.close_connection = True
        elif how == "garbage":
            self.reply(200, GARBAGE, {"content-type": "text/javascript", "access-control-allow-origin": "*"})
        elif how == "error":
            self.reply(503, b"", {"access-control-allow-origin": "*"})
        else:
            return False
        return True

    def say(self, body: bytes, media_type: str, cache: str) -> None:
        headers = {"content-type": media_type, "cache-control": cache, "access-control-allow-origin": "*"}
        self.reply(200, body, headers)


def eventually(look: Callable[[], T], within: float = 5.0) -> T:
    """Ask again until it is true."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still {seen!r} after {within} s"
        time.sleep(0.01)
    return seen
