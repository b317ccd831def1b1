"""A shop's page with the tag on it, as tests play it."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from adapters.shared.ids import new_id
from tests.support.world import ShopWorld

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1"
GRANTED = {"ad_storage": "granted", "analytics_storage": "granted"}
DENIED = {"ad_storage": "denied", "analytics_storage": "denied"}


def event(name: str = "page", **fields: Any) -> dict[str, Any]:
    """An event of this moment on a page of the shop; give a field as None to leave it out."""
    made = {
        "id": str(new_id()),
        "name": name,
        "at": datetime.now(UTC).isoformat(),
        "page": "https://nordlicht.example/lamps",
        **fields,
    }
    return {key: value for key, value in made.items() if value is not None}


def ago(**how_long: float) -> str:
    return (datetime.now(UTC) - timedelta(**how_long)).isoformat()


@dataclass
class TaggedPage:
    """Sends what it is told to, with a publishable key of the shop."""

    shop: ShopWorld
    key: str = ""
    visitor: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        self.key = self.key or self.shop.new_key(kind="publishable")

    def post(self, body: bytes, agent: str = PHONE) -> Any:
        headers = {"user-agent": agent, "content-type": "text/plain;charset=UTF-8"}
        return self.shop.client.post("/tag/v1/events", content=body, headers=headers)

    def send(self, *events: Any, agent: str = PHONE, **batch: Any) -> Any:
        body = {"key": self.key, "sent_at": datetime.now(UTC).isoformat(), "events": list(events), **batch}
        return self.post(json.dumps(body).encode(), agent)

    def sent(self, *events: Any, **batch: Any) -> dict[str, Any]:
        """What is answered to events that are sent."""
        answer = self.send(*events, **batch)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def config(self, key: str | None = None, **headers: str) -> Any:
        return self.shop.client.get(f"/tag/v1/config/{key or self.key}.json", headers=headers)

    def stored(self, columns: str = "name") -> list[tuple[Any, ...]]:
        query = f"SELECT {columns} FROM tracking.tag_event WHERE shop_id = %s ORDER BY received_at, event_id"
        return self.shop.world.sql(query, self.shop.shop_id)

    def api(self, method: str, path: str = "", if_match: str = "", **options: Any) -> Any:
        headers = self.shop.headers | ({"if-match": if_match} if if_match else {})
        return self.shop.client.request(method, f"/api/v1/tag{path}", headers=headers, **options)

    def read(self, path: str = "") -> dict[str, Any]:
        answer = self.api("GET", path)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body
