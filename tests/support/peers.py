"""Stands for the contexts that live elsewhere when one context is tested alone: a vault in memory, a sink for facts."""

import json
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class StubPeers:
    """Answers the questions of `/internal/v1` as the shops context would, and takes every fact."""

    def __init__(self) -> None:
        self.callers: dict[str, dict[str, Any]] = {}
        self.facts: list[dict[str, Any]] = []
        self.people: set[tuple[str, str]] = set()
        """Shop and customer, of everybody in the vault."""
        self._by_reference: dict[tuple[str, str], str] = {}
        self._profiles: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                status, answer = stub._answer(self.path, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, body: Any) -> tuple[int, Any]:
        question = path.rpartition("/")[2]
        with self._lock:
            if "/facts/" in path:
                self.facts += body
                return 200, None
            if question == "shops.authenticate":
                caller = self.callers.get(body["secret"])
                if caller is None:
                    return 401, {"code": "unauthenticated", "detail": "A valid API key is required"}
                return 200, caller
            if question == "shops.identify_customers" and body.get("strict") and any(map(_unreachable, body["people"])):
                detail = "This is not an e-mail address"
                fault = {"pointer": "/email", "detail": detail, "code": "invalid_email"}
                return 422, {"code": "invalid_email", "detail": detail, "errors": [fault]}
            if question == "shops.identify_customers":
                return 200, {
                    "people": [
                        self._identify(body["shop_id"], person, body.get("keep", True)) for person in body["people"]
                    ]
                }
            if question == "shops.customer_profiles":
                known = [self._profiles[i] for i in body["customer_ids"] if i in self._profiles]
                return 200, {"profiles": known}
            if question == "shops.name_keys":
                return 200, {"keys": [self._name_key(body["shop_id"], name) for name in body["names"]]}
        return 404, {"code": "question_unknown", "detail": path}

    def _identify(self, shop_id: str, person: dict[str, Any], keep: bool) -> dict[str, str]:
        email = (person.get("email") or "").strip().lower()
        local, _, domain = email.partition("@")
        email = f"{local.partition('+')[0]}@{domain}" if "@" in email else ""
        reference = person.get("reference")
        who = email or f"reference:{reference}"
        person_id = str(uuid.uuid5(uuid.UUID(shop_id), who))
        customer_id = self._by_reference.get((shop_id, reference)) if reference else None
        if customer_id is None:
            customer_id = str(uuid.uuid5(uuid.UUID(person_id), "guest" if not reference else "customer"))
            guest = str(uuid.uuid5(uuid.UUID(person_id), "guest"))
            if reference and guest in self._profiles and not self._profiles[guest].get("reference"):
                customer_id = guest
            elif reference and customer_id in self._profiles:
                customer_id = str(uuid.uuid5(uuid.UUID(person_id), reference))
        if keep:
            self._keep(shop_id, customer_id, person)
        known = {"customer_id": customer_id, "person_id": person_id}
        if person.get("phone"):
            known["phone_id"] = str(uuid.uuid5(uuid.UUID(shop_id), f"phone {person['phone']}"))
        if person.get("refers_to"):
            known["refers_to"] = self._name_key(shop_id, person["refers_to"])
        return known

    def _keep(self, shop_id: str, customer_id: str, person: dict[str, Any]) -> None:
        reference = person.get("reference")
        if reference:
            self._by_reference[shop_id, reference] = customer_id
        self.people.add((shop_id, customer_id))
        profile = self._profiles.setdefault(customer_id, {"customer_id": customer_id})
        profile |= {
            "reference": reference or profile.get("reference"),
            "email": person.get("email") or profile.get("email"),
            "first_name": person.get("first_name") or profile.get("first_name", ""),
            "locale": person.get("locale") or profile.get("locale"),
            "own_locale": person.get("locale") or profile.get("own_locale") or "",
        }

    def _name_key(self, shop_id: str, name: str) -> str:
        words = " ".join(sorted(re.findall(r"\w+", name.casefold())))
        return str(uuid.uuid5(uuid.UUID(shop_id), f"name {words}"))


def _unreachable(person: dict[str, Any]) -> bool:
    return bool(person.get("email")) and "@" not in person["email"]
