"""Orders and what credits them, told in any order: the same final state, on the real database."""

import json
import random
from datetime import timedelta
from typing import Any

import pytest

from adapters.shared.ids import new_id
from tests.features.tracking.payloads import lamp, returned
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld

CODES = {"Ada": "ADA22026", "Zoe": "Z0E52026"}


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    return Shopfront(shop)


def _story(front: Shopfront) -> list[tuple[str, Any]]:
    """Everything that happens, as (how, what) in its natural order."""
    first = front.order("Ben", discount_codes=[{"code": "BEN4-4444"}], line_items=[lamp("33.33", 3)])
    later = (front.now() + timedelta(days=1)).replace(microsecond=0)
    times = dict.fromkeys(("created_at", "processed_at", "updated_at"), later.isoformat())
    second = front.order("Ben", **times)
    third = front.order("Cleo", discount_codes=[{"code": "z0e5-2026"}])
    paid = first | {"updated_at": later.isoformat(), "financial_status": "paid"}
    return [
        ("programme", 30),
        ("advocate", "Ada"),
        ("advocate", "Zoe"),
        ("claim", ("Ben", "Ada", "BEN44444")),
        ("orders/create", first | {"financial_status": "pending"}),
        ("orders/paid", paid),
        ("refunds/create", returned(first, 1, 33.33)),
        ("orders/create", second),
        ("orders/create", third),
        ("orders/cancelled", third | {"cancelled_at": later.isoformat(), "updated_at": later.isoformat()}),
        ("refunds/create", returned(second, 1, 80)),
    ]


def _final(front: Shopfront) -> list[dict[str, Any]]:
    front.settled()
    orders = front.get("/orders")["items"]
    hidden = {"id", "revision", "customer_id"}
    return sorted(
        ({name: value for name, value in order.items() if name not in hidden} for order in orders),
        key=lambda order: str(order["order_id"]),
    )


def _tell(front: Shopfront, facts: dict[str, Any], how: str, what: Any) -> None:
    if how == "programme":
        front.programme(what)
    elif "/" in how:
        front.report(how, what)
    else:
        fact = facts[json.dumps(what)]
        name = "referral.advocate_enrolled" if how == "advocate" else "acquisition.deal_claimed"
        front.shop.tell("tracking", name, fact)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_and_repetition_ends_the_same(front: Shopfront, seed: int) -> None:
    chance = random.Random(seed)
    front.connect()
    story = _story(front)
    facts = _facts(front)
    shuffled = story if seed == 0 else [*story, *chance.sample(story, 4)]
    if seed:
        chance.shuffle(shuffled)
    for how, what in shuffled:
        _tell(front, facts, how, what)
        if chance.random() < 0.5:
            front.settled()
    found = _final(front)
    ids = [str(order["id"]) for order in front.orders]
    told = {order["order_id"]: order for order in found}
    first, second, third = (told[number] for number in ids)
    assert first["attribution"]["method"] == "coupon_code"
    assert (first["first_order"], second["first_order"], third["first_order"]) == (True, False, True)
    assert (first["payment"], third["state"]) == ("paid", "cancelled")
    left = [order["final_base"]["amount_minor"] for order in (first, second, third)]
    assert left == [6666, 0, 0]
    assert second["attribution"]["method"] == "friend_email"
    assert third["attribution"]["evidence"] == "Z0E5-2026"


def _facts(front: Shopfront) -> dict[str, Any]:
    """The facts about people, made once, so that a repetition is the same fact."""
    facts: dict[str, Any] = {}
    for name, code in CODES.items():
        ids = front.ids(name)
        facts[json.dumps(name)] = {
            "advocate_id": new_id(),
            "programme_id": front.programme_id,
            "customer_id": ids.customer_id,
            "person_id": ids.person_id,
            "code": code,
            "link_code": str(front.shop.shop_id.hex[-10:]).upper() + code[:2],
            "enrolled_at": front.now(),
        }
    ids = front.ids("Ben")
    facts[json.dumps(("Ben", "Ada", "BEN44444"))] = {
        "claim_id": new_id(),
        "programme_id": front.programme_id,
        "advocate_id": facts[json.dumps("Ada")]["advocate_id"],
        "friend_id": ids.customer_id,
        "person_id": ids.person_id,
        "code": "BEN44444",
        "click_id": None,
        "locale": "de",
        "claimed_at": front.now() - timedelta(hours=1),
        "expires_at": front.now() + timedelta(days=30),
    }
    return facts
