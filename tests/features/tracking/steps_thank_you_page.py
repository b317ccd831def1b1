"""Steps about the shop's thank-you page: what a browser tells of an order there, and of what was done since."""

from pytest_bdd import parsers, then, when

from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import order_with
from tests.features.tracking.steps_tag import GOOGLE, Tag
from tests.tracking.tagging import event


@when(parsers.parse('Ben orders without any code, and names "{name}" on the shop\'s thank-you page'))
def names_on_page(front: Shopfront, tag: Tag, name: str) -> None:
    order_with(front, "Ben")
    front.settled()
    sent = event("purchase", data={"order": front.orders[-1]["name"], "friend_of": name})
    tag.report(sent, event("refund", data={"order": "1", "friend_of": name}))
    tag.sent(event("purchase", data={"order": "1", "friend_of": name}), agent=GOOGLE)
    tag.shop.eventually(lambda: tag.outcome(sent["id"]) == "hint_noted")


@when("Ben orders without any code, and his browser tells of the order and nothing else")
def tells_of_order(front: Shopfront, tag: Tag) -> None:
    order_with(front, "Ben")
    front.settled()
    _opens_thank_you_page(front, tag)


@when(parsers.parse("{minutes:d} minutes later Ben claims Ada's deal, and opens the thank-you page again"))
def claims_and_returns(front: Shopfront, tag: Tag, minutes: int) -> None:
    front.settled()
    front.shop.move_clock(seconds=minutes * 60)
    front.claim("Ben", "Ada", "BEN4-4444")
    _opens_thank_you_page(front, tag, claim=front.claim_token("Ben"))


@when(parsers.parse("{minutes:d} minutes later Ben taps Ada's link, and opens the thank-you page again"))
def taps_and_returns(front: Shopfront, tag: Tag, minutes: int) -> None:
    front.settled()
    front.shop.move_clock(seconds=minutes * 60)
    front.visit(front.advocates["Ada"]["link_code"])
    _opens_thank_you_page(front, tag)


def _opens_thank_you_page(front: Shopfront, tag: Tag, **marks: str) -> None:
    sent = event("purchase", data={"order": front.orders[-1]["name"]}, **marks)
    tag.report(sent)
    tag.shop.eventually(lambda: tag.outcome(sent["id"]) == "hint_noted")


@then("the name is kept nowhere with what the page told")
def not_with_events(tag: Tag) -> None:
    stored = tag.stored("name, data::text")
    assert [name for name, _ in stored] == ["purchase", "refund", "purchase"]
    hints = tag.shop.world.sql("SELECT h::text FROM tracking.order_hint h WHERE shop_id = %s", tag.shop.shop_id)
    assert "lovelace" not in str((stored, hints)).lower()
