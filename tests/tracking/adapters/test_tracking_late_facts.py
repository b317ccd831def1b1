"""Facts that come after the orders that they credit, on the real database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from adapters.tracking.tokens import ClickToken
from kernel.ids import ClickId, ProgrammeId
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import order_with
from tests.features.tracking.steps_steering import USUAL, set_chain, tell, tell_of_click
from tests.support.world import ShopWorld
from tracking.application.credit_late_clicks import CreditLateClicks
from tracking.domain.attribution.known import EVER
from tracking.domain.hint import OrderHint


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    return Shopfront(shop)


def test_a_click_that_was_spooled_credits_the_order_that_came_before_it(front: Shopfront) -> None:
    front.connect()
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    front.visit(front.advocates["Ada"]["link_code"])
    world = front.shop.world
    signer = world.installation.settings.keys().signer("click")
    late = ClickId(new_id())
    token = signer.sign(ClickToken(late), expires_at=front.now() + timedelta(days=1))
    order_with(front, "Ben", click=token)
    assert front.found()["attribution"]["losers"][0]["reason_code"] == "unknown"
    stored = ClickId(signer.open(front.click_token(), ClickToken, now=front.now()).click_id)
    _take_in(front, late, as_was=stored)
    found = front.found()
    assert (found["attribution"]["method"], found["attribution"]["click_id"]) == ("click_id", to_wire("clk", late))
    assert found["revision"] == 2


def _take_in(front: Shopfront, late: ClickId, *, as_was: ClickId) -> None:
    """As the spool does: the click is stored, then told of, once or more often."""
    world = front.shop.world
    columns = ", ".join(
        row[0]
        for row in world.sql(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'tracking'"
            " AND table_name = 'click' AND column_name <> 'click_id' AND is_generated = 'NEVER'"
        )
    )
    copy = f"INSERT INTO tracking.click (click_id, {columns}) SELECT %s, {columns} FROM tracking.click"
    world.sql(f"{copy} WHERE click_id = %s", late, as_was)
    credit = CreditLateClicks(world.installation.contexts["tracking"].container.begin())
    world.call(credit, front.shop.shop_id, [late])
    world.call(credit, front.shop.shop_id, [late])


def test_a_click_that_was_spooled_credits_the_order_of_its_address(front: Shopfront) -> None:
    front.connect()
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    set_chain(front, (*USUAL, "same_address"))
    front.visit(front.advocates["Ada"]["link_code"])
    world = front.shop.world
    signer = world.installation.settings.keys().signer("click")
    stored = ClickId(signer.open(front.click_token(), ClickToken, now=front.now()).click_id)
    moved = "UPDATE tracking.click SET clicked_at = clicked_at - interval '{}' WHERE click_id = %s"
    world.sql(moved.format("2 hours"), stored)
    ((address,),) = world.sql("SELECT address_hash FROM tracking.click WHERE click_id = %s", stored)
    order_with(front, "Ben")
    front.settled()
    tell(front, OrderHint(order_ref=front.orders[-1]["name"], address_hash=bytes(address), at=front.now()))
    assert front.found()["attribution"]["method"] is None
    late = ClickId(new_id())
    world.sql(moved.format("-119 minutes"), stored)
    _take_in(front, late, as_was=stored)
    assert front.found()["attribution"]["method"] == "same_address"


def test_new_terms_are_for_the_orders_of_later_clicks_only(front: Shopfront) -> None:
    front.connect()
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    front.visit(front.advocates["Ada"]["link_code"])
    order_with(front, "Ben", click=front.click_token())
    assert front.found()["attribution"]["method"] == "click_id"
    begin = front.shop.world.installation.contexts["tracking"].container.begin()

    async def found(since: datetime) -> int:
        async with begin(front.shop.shop_id) as work:
            return len(await work.orders.clicked_for({ProgrammeId(front.programme_id): since}))

    call = front.shop.world.call
    assert [call(found, EVER), call(found, front.now())] == [1, 0]


STORY: dict[str, Callable[[Shopfront], object]] = {
    "order": lambda front: front.report("orders/create", front.orders[0]),
    "hint": lambda front: tell_of_click(front, front.orders[0]["name"]),
    "programme": lambda front: front.programme(30),
    "claim": lambda front: front.shop.tell("tracking", "acquisition.deal_claimed", front.claims["Ben"]),
}


@pytest.mark.parametrize("told", list(permutations(STORY))[::8], ids="-".join)
def test_any_order_of_order_hint_terms_and_claim_ends_the_same(front: Shopfront, told: Any) -> None:
    front.connect()
    front.advocate("Ada", "ADA2-2026")
    front.visit(front.advocates["Ada"]["link_code"])
    front.order("Ben")
    ids, at = front.ids("Ben"), front.now() - timedelta(hours=1)
    front.claims["Ben"] = {
        "claim_id": new_id(), "programme_id": front.programme_id, "friend_id": ids.customer_id,
        "advocate_id": front.advocates["Ada"]["advocate_id"], "person_id": ids.person_id, "code": "BEN44444",
        "click_id": None, "locale": "de", "claimed_at": at, "expires_at": at + timedelta(days=30),
    }  # fmt: skip
    for name in told:
        STORY[name](front)
        front.settled()
    attribution = front.found()["attribution"]
    losers = [(loser["method"], loser["reason_code"]) for loser in attribution["losers"]]
    assert (attribution["method"], losers) == ("cookie", [("friend_email", "outranked")])


@pytest.mark.parametrize("erased_first", [True, False])
def test_the_name_of_somebody_who_was_erased_is_not_learned_from_news_that_comes_late(
    front: Shopfront, erased_first: bool
) -> None:
    customer_id = front.ids("Ada").customer_id
    name_key = front.ids("Ben", refers_to="Ada Lovelace").refers_to

    def erase() -> None:
        front.shop.tell("tracking", "shops.customer_erased", {"customer_id": customer_id})

    if erased_first:
        erase()
    front.advocate("Ada", "ADA2-2026", name_key=name_key)
    front.advocate("Zoe", "Z0E5-2026", name_key=name_key)
    if not erased_first:
        erase()
    known = "SELECT code, name_key FROM tracking.known_advocate WHERE shop_id = %s ORDER BY code"
    assert front.shop.world.sql(known, front.shop.shop_id) == [("ADA22026", None), ("Z0E52026", name_key)]
