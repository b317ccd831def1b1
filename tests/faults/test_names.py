"""What people give a name to has one that they can see; else the field is named, and nothing is made."""

from typing import Any

import pytest

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from tests.faults.shop import TERMS
from tests.support.world import ShopWorld

UNSEEN = [" ", "\u00a0 \u3000", "\u200b\u200d", "\u3164", "\u2800", "\U000e0020"]
NAMED: list[tuple[str, str, dict[str, Any], str]] = [
    ("PATCH", "/shop", {}, "title"),
    ("POST", "/keys", {"scopes": ["shops:read"]}, "label"),
    ("POST", "/programmes", {"terms": TERMS}, "title"),
    ("POST", "/connections", {"kind": "generic"}, "title"),
    ("POST", "/links", {"destination": "https://nordlicht.example/"}, "title"),
    ("POST", "/invites", {"seats": 2, "expires_at": "2031-01-01T00:00:00Z"}, "campaign"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), NAMED)
def test_a_name_can_be_seen(shop: ShopWorld, method: str, path: str, body: dict[str, Any], field: str) -> None:
    for text in UNSEEN:
        said = body | {field: text}
        answer = shop.client.request(method, f"/api/v1{path}", json=said, headers=shop.headers)
        assert answer.status_code in {400, 422}, (text, answer.text)
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{field}"], answer.text
    said = body | {field: "\u200b Nü \u200b"}
    named = shop.client.request(method, f"/api/v1{path}", json=said, headers=shop.headers)
    assert named.status_code in {200, 201}, named.text


def test_who_decides_by_hand_says_why(shop: ShopWorld) -> None:
    order = to_wire("ord", new_id())
    for number, text in enumerate(UNSEEN):
        headers = shop.headers | {"idempotency-key": f"why-{number}"}
        answer = shop.client.post(f"/api/v1/orders/{order}/credits/withdraw", json={"reason": text}, headers=headers)
        assert answer.status_code == 400, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/reason"]
