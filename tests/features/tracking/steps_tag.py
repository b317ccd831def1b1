"""Steps about the tag: what pages report, and what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from pytest_bdd import given, parsers, then, when

from tests.features.tracking.shopfront import Shopfront
from tests.tracking.tagging import DENIED, GRANTED, TaggedPage, ago, event

GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


class Tag(TaggedPage):
    """The page, with what was last answered and the shop's identify secrets in the order in which they were made."""

    answer: dict[str, Any]
    secrets: list[str]
    looked: str
    """The state in which the marketers saw it."""
    told: Any

    def report(self, *events: dict[str, Any], **batch: Any) -> None:
        self.answer = self.sent(*events, **batch)

    def vouch(self, name: str, secret: str) -> None:
        in_an_hour = int((datetime.now(UTC) + timedelta(hours=1)).timestamp())
        claims = {"sub": f"customer-{name}", "email": f"{name.lower()}@example.com", "name": name, "exp": in_an_hour}
        token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
        sent = event("identify", visitor=f"v.{name}", consent=GRANTED, data={"token": token})
        self.report(sent)
        self.shop.eventually(lambda: self.outcome(sent["id"]))

    def outcome(self, event_id: str) -> str | None:
        items = self.read("/events")["items"]
        found: str | None = next(item["outcome"] for item in items if item["id"] == event_id)
        return found

    def known(self) -> list[str]:
        query = "SELECT visitor FROM tracking.tag_visitor WHERE shop_id = %s"
        return [row[0] for row in self.shop.world.sql(query, self.shop.shop_id)]


@pytest.fixture
def tag(front: Shopfront) -> Tag:
    return Tag(front.shop)


@given("the tag is on Nordlicht's pages")
def installed(tag: Tag) -> None:
    tag.secrets = []
    assert tag.config().json()["on"] is True


@given(parsers.parse('the marketer names "{host}" as a host of the shop'))
def further_host(tag: Tag, host: str) -> None:
    assert tag.api("PATCH", json={"hosts": [host]}).status_code == 200
    tag.shop.eventually(lambda: tag.sent(event("consent", page=f"https://{host}/"))["accepted"])


@given("the shop has an identify secret")
@given("the marketer makes another identify secret")
def identify_secret(tag: Tag) -> None:
    answer = tag.api("POST", "/identify-secrets")
    assert answer.status_code == 201, answer.text
    tag.secrets.append(answer.json()["secrets"][0])


@given("Ben signed in and was recognised")
@when("Ben signs in and the shop vouches for him")
@when("Ben signs in and the shop vouches for him with the old secret")
def ben_signs_in(tag: Tag) -> None:
    tag.vouch("Ben", tag.secrets[0])


@when("Cleo signs in and the shop vouches for her with the old secret")
def cleo_signs_in(tag: Tag) -> None:
    tag.vouch("Cleo", tag.secrets[0])


@when("somebody pretends to be Ben with a secret of their own")
def pretender(tag: Tag) -> None:
    tag.vouch("Ben", "a secret that somebody made up by themselves")


@when("the marketer drops the old identify secret")
def drop_secret(tag: Tag) -> None:
    assert tag.api("DELETE", "/identify-secrets/old").status_code == 204
    assert tag.read("/identify-secrets")["secrets"] == tag.secrets[1:]


@when("Ben withdraws his consent")
def withdraw(tag: Tag) -> None:
    sent = event("consent", visitor="v.Ben", consent=DENIED)
    tag.report(sent)
    tag.shop.eventually(lambda: tag.outcome(sent["id"]) == "consent_withdrawn")


@when("Ben's personal data is erased")
def erased(tag: Tag) -> None:
    query = "SELECT customer_id FROM tracking.tag_visitor WHERE shop_id = %s"
    ((customer_id,),) = tag.shop.world.sql(query, tag.shop.shop_id)
    tag.shop.tell("tracking", "shops.customer_erased", {"customer_id": customer_id})


@when(parsers.parse('Ben looks at the page "{path}"'))
def look(tag: Tag, path: str) -> None:
    tag.report(event(page=f"https://nordlicht.example{path}"))


@when(parsers.parse('Ben looks at the page "{path}" and his phone reports it three times'))
def look_thrice(tag: Tag, path: str) -> None:
    sent = event(page=f"https://nordlicht.example{path}")
    for _ in range(3):
        tag.report(sent)
    assert tag.answer["duplicates"] == 1


@when(parsers.parse('Ben looks at the page "{path}" without consent'))
def look_without(tag: Tag, path: str) -> None:
    tag.report(event(page=f"https://nordlicht.example{path}", visitor="v.Ben", consent=DENIED))


@when(parsers.parse('Ben looks at the page "{path}" with consent'))
def look_with(tag: Tag, path: str) -> None:
    tag.report(event(page=f"https://nordlicht.example{path}", visitor="v.Ben", consent=GRANTED))


@when(parsers.parse('Google looks at the page "{path}"'))
def google(tag: Tag, path: str) -> None:
    tag.send(event(page=f"https://nordlicht.example{path}"), agent=GOOGLE)


@when(parsers.parse("Ben's phone reports what he did {days:d} days ago"))
def late(tag: Tag, days: int) -> None:
    tag.report(event(at=ago(days=days)))


@when("Ben's phone reports three events of which one is broken")
def broken(tag: Tag) -> None:
    tag.report(event(), event(at="in the morning"), event())


@when("somebody else's page reports a visit with Nordlicht's key")
def foreign(tag: Tag) -> None:
    tag.report(event(page="https://nordlicht.example.evil.test/"))


@when(parsers.parse('Ben buys on "{host}"'))
def buys_on(tag: Tag, host: str) -> None:
    data = {"order": "1001", "value": "80.00", "currency": "EUR"}
    tag.report(event("purchase", page=f"https://{host}/thanks", data=data))


@when(parsers.parse('Ben tapped Ada\'s link and buys with order "{order}"'))
def buys(front: Shopfront, tag: Tag, order: str) -> None:
    assert front.visit(front.advocates["Ada"]["link_code"]).status_code == 302
    data = {"order": order, "value": "80.00", "currency": "EUR", "coupon": ["ADA2-2026"]}
    sent = event("purchase", click=front.click_token(), consent=GRANTED, visitor="v.Ben", data=data)
    tag.report(sent)
    tag.report(sent)
    tag.shop.eventually(lambda: tag.outcome(sent["id"]) == "hint_noted")


@when(parsers.parse('a browser reports that order "{order}" was refunded'))
def refund(tag: Tag, order: str) -> None:
    tag.report(event("refund", data={"order": order, "value": "80.00", "currency": "EUR"}))


@then("what pages still report is not kept")
def not_kept(tag: Tag) -> None:
    assert tag.send(event()).json() == {"off": True}
    assert tag.stored() == []


@then("what pages still report is refused")
def reports_refused(tag: Tag) -> None:
    answer = tag.send(event())
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_key")
    assert len(tag.stored()) == 1


@then("a page with a key that nobody has learns that the tag is off")
def nobodys_key(tag: Tag) -> None:
    assert tag.config("gv_pub_nobody").json() == {"on": False}


@then("the marketer sees that a page was looked at a moment ago")
def seen(tag: Tag) -> None:
    health = tag.read("/health")
    assert health["on"] is True
    last = datetime.fromisoformat(health["events"]["page"]["last_at"])
    assert datetime.now(UTC) - last < timedelta(seconds=20)
    assert list(health["hosts"]) == ["nordlicht.example"]


@then("the marketer sees that a machine looked at a page")
def machine(tag: Tag) -> None:
    assert tag.read("/health")["events"]["page"]["by_machines"] == 1


@then("one look at a page is kept")
def one_page(tag: Tag) -> None:
    assert tag.stored() == [("page",)]


@then("two events are kept")
def two_events(tag: Tag) -> None:
    assert len(tag.stored()) == 2


@then("one purchase is kept")
def one_purchase(tag: Tag) -> None:
    assert tag.answer["accepted"] == 1
    assert tag.stored()[-1] == ("purchase",)


@then("the report is kept")
def refund_kept(tag: Tag) -> None:
    assert tag.stored() == [("refund",)]


@then("nobody can tell whose it was")
def anonymous(tag: Tag) -> None:
    assert tag.stored("visitor") == [(None,)]


@then("the visitor's mark is kept")
def marked(tag: Tag) -> None:
    assert tag.stored("visitor") == [("v.Ben",)]


@then(parsers.parse('the event is refused as "{code}"'))
def event_refused(tag: Tag, code: str) -> None:
    assert [one["code"] for one in tag.answer["refused"]] == [code]


@then(parsers.parse('the marketer sees one refusal as "{code}"'))
def refusal_seen(tag: Tag, code: str) -> None:
    refused = tag.shop.eventually(lambda: tag.read("/health")["refused"])
    assert [(one["code"], one["count"]) for one in refused] == [(code, 1)]


@then(parsers.parse('what his browser knew of order "{order}" is noted once'))
def hinted(front: Shopfront, tag: Tag, order: str) -> None:
    query = "SELECT order_ref, codes, visitor, click_id IS NOT NULL FROM tracking.order_hint WHERE shop_id = %s"
    assert tag.shop.world.sql(query, tag.shop.shop_id) == [(order, ["ADA22026"], "v.Ben", True)]


@then("no order is made of it")
def no_order(front: Shopfront) -> None:
    assert front.get("/orders")["items"] == []


@then("Ben is recognised as a customer")
def recognised(tag: Tag) -> None:
    assert tag.known() == ["v.Ben"]


@then("Cleo is not recognised")
def cleo_unknown(tag: Tag) -> None:
    assert tag.known() == ["v.Ben"]


@then("nobody is recognised")
def nobody(tag: Tag) -> None:
    assert tag.known() == []


@then("nothing that names Ben is kept with the event")
def no_name(tag: Tag) -> None:
    assert tag.stored("data, outcome") == [(None, "identified")]


@then("the marketer sees that the proof was not valid")
def not_valid(tag: Tag) -> None:
    assert tag.read("/health")["outcomes"] == {"identify_token_invalid": 1}
