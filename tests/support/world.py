"""The app under test and a shop of one's own."""

import os
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec
import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pgqueuer.core import buffers, qm

from adapters.host.asgi import build
from adapters.host.composition import Installation, peer_token
from adapters.host.hot_lane import HotLane
from adapters.shared.ids import new_id
from adapters.shared.queue import pace, relay
from kernel.events import Envelope, Event
from kernel.ids import EventId, ShopId
from tests.support.database import test_settings
from tests.support.peers import StubPeers

T = TypeVar("T")
Client = TestClient[HotLane]
ALL_SCOPES = frozenset(
    f"{context}:{right}"
    for context in ("shops", "referral", "acquisition", "engagement", "tracking")
    for right in ("read", "write")
)
BASE_URL = "http://testserver.local"


class World:
    """One app with its worker in this process, on a database of its own."""

    def __init__(self, app: Litestar, client: Client, conninfo: str, peers: StubPeers | None, outbox: Path) -> None:
        self.app = app
        self.client = client
        self.conninfo = conninfo
        self.peers = peers
        self.outbox = outbox
        self.installation: Installation = app.state.installation
        self.peer_token = peer_token(self.installation.settings)
        self._owner: psycopg.Connection | None = None
        self._asking = threading.Lock()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a coroutine function in the app's own event loop."""
        return self.client.blocking_portal.call(function, *arguments)

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its owner, past every policy: for checks only."""
        with self._asking:
            if self._owner is None or self._owner.closed:
                self._owner = psycopg.connect(self.conninfo, autocommit=True)
            cursor = self._owner.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        if self._owner is not None:
            self._owner.close()

    def open_shop(self, **details: Any) -> "ShopWorld":
        shop = ShopWorld(self, **details)
        shop.open()
        return shop


class ShopWorld:
    """A shop for one test: Nordlicht, Germany, EUR, de and en, in test mode, unless told otherwise."""

    def __init__(self, world: World, **details: Any) -> None:
        self.world = world
        self.client = world.client
        self.shop_id = ShopId(new_id())
        self.key = ""
        self.details: dict[str, Any] = {
            "slug": f"nordlicht-{secrets.token_hex(5)}",
            "title": "Nordlicht",
            "country": "DE",
            "currency": "EUR",
            "locales": ["de", "en"],
            "default_locale": "de",
            "time_zone": "Europe/Berlin",
            "test_mode": True,
            "clock_offset_s": 0,
            "storefront_url": "https://nordlicht.example",
            "brand": {},
            "revision": 1,
        } | details

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    @property
    def slug(self) -> str:
        return str(self.details["slug"])

    def people_kept(self) -> int:
        """How many people the vault keeps of this shop."""
        if self.world.peers is not None:
            return sum(shop_id == str(self.shop_id) for shop_id, _ in self.world.peers.people)
        kept = self.world.sql("SELECT count(*) FROM shops.customer WHERE shop_id = %s", self.shop_id)
        return int(kept[0][0])

    def open(self) -> None:
        if self.world.peers is None:
            self._open_for_real()
        else:
            self.key = self.new_key()
            self._tell_all()
        self.eventually(lambda: None not in self._clocks())

    def _clocks(self) -> list[int | None]:
        """How far the shop's clock is ahead in each context, or None where the shop is not known."""
        names = list(self.world.installation.contexts)
        columns = [f"(SELECT clock_offset_s FROM {name}.known_shop WHERE shop_id = %s)" for name in names]
        return list(self.world.sql(f"SELECT {', '.join(columns)}", *[self.shop_id] * len(names))[0])

    def _open_for_real(self) -> None:
        from adapters.host.operate import ShopWanted, open_shop

        fields = {name: self.details[name] for name in ShopWanted.__struct_fields__}
        wanted = msgspec.convert(fields, ShopWanted)
        opened = self.world.call(open_shop, self.world.installation, wanted)
        self.shop_id, self.key = opened.id, opened.secret_key

    def new_key(self, *scopes: str, kind: str = "secret") -> str:
        """A further key of this shop with these scopes (all when none are named)."""
        if self.world.peers is None:
            body = {"label": "for a test", "kind": kind, "scopes": sorted(scopes or ALL_SCOPES)}
            if kind == "publishable":
                del body["scopes"]
            answer = self.client.post("/api/v1/keys", json=body, headers=self.headers)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["secret"])
        secret = f"gv_test_{secrets.token_hex(16)}"
        self.world.peers.callers[secret] = {
            "shop_id": str(self.shop_id),
            "key_id": f"key_{secrets.token_hex(4)}",
            "kind": kind,
            "scopes": sorted(scopes or ALL_SCOPES) if kind == "secret" else [],
        }
        return secret

    def revoke_key(self, secret: str) -> None:
        """Revoke a key of this shop; other contexts may hear of it a moment later."""
        if self.world.peers is None:
            keys = self.client.get("/api/v1/keys", headers=self.headers).json()["items"]
            [key_id] = [key["id"] for key in keys if secret.endswith(key["hint"].rpartition("…")[2])]
            answer = self.client.delete(f"/api/v1/keys/{key_id}", headers=self.headers)
            assert answer.status_code == 204, answer.text
            return
        del self.world.peers.callers[secret]
        if "tracking" in self.world.installation.contexts:
            self.tell("tracking", "shops.key_revoked", {"key_id": str(new_id())})

    def tell(
        self,
        context: str,
        event: Event | str,
        payload: Any = None,
        *,
        event_id: UUID | None = None,
        occurred_at: datetime | None = None,
    ) -> UUID:
        """Deliver a fact of another context to this one, as a peer would; returns the event's id."""
        name = event if isinstance(event, str) else event.name
        body = payload if isinstance(event, str) else event
        envelope = Envelope(
            event_id=EventId(event_id or new_id()),
            shop_id=self.shop_id,
            name=name,
            version=1,
            occurred_at=occurred_at or datetime.now(UTC),
            payload=msgspec.Raw(msgspec.json.encode(body)),
        )
        answer = self.client.post(
            f"/internal/v1/facts/{context}",
            content=msgspec.json.encode([envelope]),
            headers={"authorization": f"Bearer {self.world.peer_token}", "content-type": "application/json"},
        )
        assert answer.status_code == 204, answer.text
        return envelope.event_id

    def move_clock(self, *, days: float = 0, seconds: float = 0) -> None:
        """Move the shop's test clock forward, and wait until every context knows."""
        forward = int(days * 86_400 + seconds)
        self.details["clock_offset_s"] += forward
        if self.world.peers is None:
            body = {"seconds": forward}
            answer = self.client.post("/api/v1/shop/clock", json=body, headers=self.headers)
            assert answer.status_code in {200, 201}, answer.text
        else:
            self.details["revision"] += 1
            self._tell_all()
        self.eventually(lambda: set(self._clocks()) == {self.details["clock_offset_s"]})

    def _tell_all(self) -> None:
        for name in self.world.installation.contexts:
            self.tell(name, "shops.shop_changed", self.details)

    def eventually(self, check: Callable[[], T], within: float = 10.0) -> T:
        """Ask again until `check` returns something true and asserts nothing wrong; its last failure otherwise."""
        deadline = time.monotonic() + within
        pause = 0.004
        while True:
            try:
                answer = check()
                if answer:
                    return answer
                failure: AssertionError = AssertionError(f"still {answer!r} after {within} s")
            except AssertionError as error:
                failure = error
            if time.monotonic() > deadline:
                raise failure
            time.sleep(pause)
            pause = min(0.04, pause * 1.4)


def _stay_at_home(installation: Installation) -> None:
    """No test asks the world's DNS: names say nothing until a test says what they say."""

    async def nothing(_: str) -> list[str]:
        return []

    if "tracking" in installation.contexts:
        names = installation.contexts["tracking"].container.names()
        names.texts = names.addresses = nothing


@contextmanager
def _habits_for_tests() -> Iterator[None]:
    """What the app does otherwise while tests look on.

    Facts for the patient gather as briefly as all others, because each new shop is one that a test waits for. And
    PgQueuer draws its pauses from generators of its own: the common one is watched by hypothesis, which takes whatever
    the app draws beside a test for the test's own doing.
    """
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(relay, "PATIENT", pace.PROMPT)
        for module in (buffers, qm):
            changed.setattr(module, "random", random.Random())
        yield


@contextmanager
def open_world(conninfo: str, outbox: Path, **changes: Any) -> Iterator[World]:
    """Start the app on a database; alone with stubbed peers when GRAPEVINE_TEST_ALONE names a context."""
    alone = os.environ.get("GRAPEVINE_TEST_ALONE", "")
    peers = StubPeers() if alone else None
    elsewhere = {"shops", "referral", "tracking", "acquisition", "engagement"} - set(alone.split(","))
    addresses = ",".join(f"{name}={peers.address}" for name in sorted(elsewhere)) if peers else ""
    settings = test_settings(
        base_url=BASE_URL,
        outbox_folder=outbox,
        data_folder=outbox.with_name(f"{outbox.name}-data"),
        peers=addresses,
        **changes,
    )
    app = build(settings, conninfo, inline_worker=True)
    served = TestClient(HotLane(app), base_url=BASE_URL, raise_server_exceptions=False)
    with _habits_for_tests(), served as client:
        client.follow_redirects = False
        _stay_at_home(app.state.installation)
        world = World(app, client, conninfo, None if "shops" in alone.split(",") else peers, outbox)
        yield world
        world.close()
    if peers is not None:
        peers.close()
