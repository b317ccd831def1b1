"""Steps about what an order carries and whom it is credited to."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from adapters.tracking.tokens import ClickToken
from tests.features.tracking.shopfront import Shopfront

METHODS = {
    "coupon code": "coupon_code",
    "signed claim": "signed_claim",
    "click": "click_id",
    "friend's e-mail": "friend_email",
    "browser's memory": "cookie",
    "invite code": "invite_code",
    "telephone number": "phone",
    "same address": "same_address",
}


def order_with(
    front: Shopfront, name: str, *codes: str, times: dict[str, str] | None = None, **attributes: str
) -> None:
    payload = front.order(
        name,
        discount_codes=[{"code": code, "amount": "10.00", "type": "fixed_amount"} for code in codes],
        note_attributes=[{"name": f"grapevine_{name}", "value": value} for name, value in attributes.items()],
        **(times or {}),
    )
    front.report("orders/create", payload)


@given(parsers.parse('{friend} claimed {advocate}\'s deal and got the code "{code}"'))
def claimed(front: Shopfront, friend: str, advocate: str, code: str) -> None:
    front.claim(friend, advocate, code)


@when(parsers.parse('Ben claimed Ada\'s deal before and the news of it, with the code "{code}", arrives late'))
def claimed_late(front: Shopfront, code: str) -> None:
    front.settled()
    front.claim("Ben", "Ada", code, front.now() - timedelta(hours=1))


@when(parsers.re(r'(?P<name>\w+) orders with the code "(?P<code>[^"]*)"$'))
def with_code(front: Shopfront, name: str, code: str) -> None:
    order_with(front, name, code)
    front.settled()


@when(parsers.parse('Ben orders with the code "{code}" and the click\'s mark'))
def with_code_and_click(front: Shopfront, code: str) -> None:
    order_with(front, "Ben", code, click=front.click_token())


@when("Ben orders with the click's mark")
def with_click(front: Shopfront) -> None:
    order_with(front, "Ben", click=front.click_token())


@when("Ben orders with the mark of that visit")
def with_preview(front: Shopfront) -> None:
    keys = front.shop.world.installation.settings.keys()
    (visit,) = front.shop.world.sql("SELECT click_id FROM tracking.click WHERE shop_id = %s", front.shop.shop_id)
    token = keys.signer("click").sign(ClickToken(visit[0]), expires_at=front.now() + timedelta(days=1))
    order_with(front, "Ben", click=token)


@when("Ben orders, coming straight from the deal")
def with_claim(front: Shopfront) -> None:
    order_with(front, "Cleo", claim=front.claim_token("Ben"))


@when("Ben orders with a claim that somebody made up")
def with_forged_claim(front: Shopfront) -> None:
    order_with(front, "Ben", claim="AAAAAGmade-up")


@when(parsers.parse("{name} orders without any code"))
def without_code(front: Shopfront, name: str) -> None:
    order_with(front, name)


@then(parsers.re(r"the order is credited to (?P<name>\w+) by the (?P<method>.*)"))
def credited(front: Shopfront, name: str, method: str) -> None:
    def check() -> bool:
        attribution = front.found()["attribution"]
        assert attribution["method"] == METHODS[method], attribution
        assert attribution["advocate_id"] == _advocate_id(front, name)
        assert attribution["chain_version"] >= 1
        assert attribution["reason"]
        return True

    front.shop.eventually(check)


@then(parsers.parse("the order is credited to {name} by hand"))
def credited_by_hand(front: Shopfront, name: str) -> None:
    attribution = front.found()["attribution"]
    assert (attribution["method"], attribution["advocate_id"]) == ("manual", _advocate_id(front, name))


@then("the order is credited to nobody")
def credited_to_nobody(front: Shopfront) -> None:
    assert front.found()["attribution"]["method"] is None


@then(parsers.parse('the reason reads "{sentence}"'))
def reason(front: Shopfront, sentence: str) -> None:
    assert front.found()["attribution"]["reason"] == sentence


@then(parsers.re('in (?P<language>German|Finnish) the reason reads "(?P<sentence>.*)"'))
def reason_in(front: Shopfront, language: str, sentence: str) -> None:
    """By the address or by what the browser accepts, in every answer that tells it."""
    locale = {"German": "de", "Finnish": "fi"}[language]
    order = front.found()["id"]
    headers = front.shop.headers | {"accept-language": f"{locale}-XX, en;q=0.5"}
    for path in (f"/orders/{order}", f"/orders/{order}/credits", "/orders"):
        asked = front.get(f"{path}?locale={locale}")
        accepted = front.shop.client.get(f"/api/v1{path}", headers=headers).json()
        assert asked == accepted
        told = asked["items"][0] if "items" in asked else asked
        assert (told["attribution"]["reason"], told["attribution"]["locale"]) == (sentence, locale)


@then("the order is tied to Ben's claim")
def tied(front: Shopfront) -> None:
    assert front.found()["attribution"]["claim_id"] == to_wire("clm", front.claims["Ben"]["claim_id"])


@then(parsers.parse('the {method} did not count because it was "{code}"'))
def lost(front: Shopfront, method: str, code: str) -> None:
    losers = front.found()["attribution"]["losers"]
    assert (METHODS[method], code) in [(loser["method"], loser["reason_code"]) for loser in losers], losers


def _advocate_id(front: Shopfront, name: str) -> str:
    return to_wire("adv", front.advocates[name]["advocate_id"])
