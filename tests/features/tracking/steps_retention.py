"""Steps about how long it is kept who bought what."""

from datetime import UTC, datetime
from typing import Any

from pytest_bdd import given, parsers, then, when

from adapters.shared.ids import new_id
from adapters.tracking.order_parts import retaining
from tests.features.tracking.shopfront import PHONE, Shopfront


def choose(front: Shopfront, orders: int, clicks: int) -> Any:
    return front.api("PUT", "/retention", json={"orders_months": orders, "clicks_months": clicks})


def nightly(front: Shopfront, months: int) -> None:
    front.shop.move_clock(days=months * 30.4375 + 1)
    context = front.shop.world.installation.contexts["tracking"]
    run = retaining(context.relay_database, context.container.begin())
    front.shop.world.call(run.shop, front.shop.shop_id)


def buyers(front: Shopfront) -> list[tuple[Any, ...]]:
    query = "SELECT order_id, person_id, customer_id, first_order FROM tracking.orders WHERE shop_id = %s"
    return front.shop.world.sql(query + " ORDER BY placed_at", front.shop.shop_id)


@then(parsers.parse("orders keep their buyers for {orders:d} months and clicks are kept for {clicks:d}"))
def kept_for(front: Shopfront, orders: int, clicks: int) -> None:
    found = front.get("/retention")
    assert (found["orders_months"], found["clicks_months"]) == (orders, clicks)


@given(parsers.parse("the shop chose {orders:d} months for orders and {clicks:d} for clicks"))
@when(parsers.parse("the shop chooses {orders:d} months for orders and {clicks:d} for clicks"))
def chooses(front: Shopfront, orders: int, clicks: int) -> None:
    choose(front, orders, clicks)


@given(parsers.parse("the shop chose {months:d} months for what the tag saw"))
@when(parsers.parse("the shop chooses {months:d} months for what the tag saw"))
@when(parsers.parse("the shop chooses {months:d} month for what the tag saw"))
def chooses_events(front: Shopfront, months: int) -> None:
    front.api("PUT", "/retention", json={"orders_months": 36, "clicks_months": 14, "events_months": months})


@then(parsers.parse("what the tag saw is kept for {months:d} months"))
def events_kept_for(front: Shopfront, months: int) -> None:
    assert front.get("/retention")["events_months"] == months


@then("the choice is told to the audit log")
def audited(front: Shopfront) -> None:
    query = "SELECT payload->>'action' FROM tracking.outbox WHERE shop_id = %s AND name = 'tracking.retention_noted'"
    assert front.shop.world.sql(query, front.shop.shop_id) == [("retention.changed",)]


@then("the choice is refused")
def choice_refused(front: Shopfront) -> None:
    assert (front.answer.status_code, front.answer.json()["code"]) == (422, "retention_out_of_range")
    assert front.answer.json()["errors"][0]["pointer"] == "/orders_months"


@then("the choice is refused because of what the tag saw")
def events_choice_refused(front: Shopfront) -> None:
    assert (front.answer.status_code, front.answer.json()["code"]) == (422, "retention_out_of_range")
    assert front.answer.json()["errors"][0]["pointer"] == "/events_months"


@given(parsers.parse('Ben ordered with the code "{code}" for 80.00 euros'))
def ben_ordered(front: Shopfront, code: str) -> None:
    front.report("orders/create", front.order("Ben", discount_codes=[{"code": code}]))
    front.found()


@given("Ada's reward for it is not settled yet")
def unsettled(front: Shopfront) -> None:
    ((order_id, *_),) = buyers(front)
    reward = "INSERT INTO tracking.known_reward (shop_id, reward_id, revision, order_id, side, state, amount_minor)"
    values = " VALUES (%s, %s, 1, %s, 'advocate', 'pending', 500)"
    front.shop.world.sql(reward + values, front.shop.shop_id, new_id(), order_id)


@given("Ben tapped Ada's link")
def tapped(front: Shopfront) -> None:
    assert front.visit(front.advocates["Ada"]["link_code"], agent=PHONE).status_code == 302
    assert len(front.clicks("Ada")) == 1


@when(parsers.parse("{months:d} months pass and the nightly run is over"))
def pass_months(front: Shopfront, months: int) -> None:
    nightly(front, months)


@when(parsers.parse("Ben orders again and {months:d} months pass and the nightly run is over"))
def orders_again(front: Shopfront, months: int) -> None:
    front.report("orders/create", front.order("Ben"))
    front.found()
    nightly(front, months)


@then("nothing of Ben's order says who bought")
def forgotten(front: Shopfront) -> None:
    ((order_id, person_id, customer_id, _),) = buyers(front)
    assert person_id == customer_id == order_id
    world, shop_id = front.shop.world, front.shop.shop_id
    text = str(world.sql("SELECT o::text FROM tracking.orders o WHERE shop_id = %s", shop_id))
    ids = front.ids("Ben")
    assert not [trace for trace in (ids.person_id, ids.customer_id, "ADA2", "ADA2-2026") if str(trace) in text]
    assert world.sql("SELECT count(*) FROM tracking.order_code WHERE shop_id = %s", shop_id) == [(0,)]


@then("Ben's order still counts 80.00 euros, credited to Ada")
def still_counts(front: Shopfront) -> None:
    (order,) = front.get("/orders")["items"]
    assert (order["total"]["amount_minor"], order["final_base"]["amount_minor"]) == (8000, 8000)
    assert order["attribution"]["method"] == "coupon_code"
    assert order["attribution"]["advocate_id"] is not None
    assert (order["attribution"]["evidence"], order["attribution"]["losers"]) == ("", [])


@then("the shop sees that 1 order was treated so")
def sees_run(front: Shopfront) -> None:
    run = front.get("/retention")["last_run"]
    assert run["orders"] == 1
    assert datetime.fromisoformat(run["ran_at"]) > datetime.now(UTC)


@then("both of Ben's orders are still of one customer, and only the older is the first")
def both_kept(front: Shopfront) -> None:
    (_, person, customer, first), (_, other_person, other_customer, other_first) = buyers(front)
    assert (person, customer) == (other_person, other_customer)
    assert (first, other_first) == (True, False)


@then("Ben's order still says who bought")
def still_says(front: Shopfront) -> None:
    ((_, person_id, customer_id, _),) = buyers(front)
    ids = front.ids("Ben")
    assert (person_id, customer_id) == (ids.person_id, ids.customer_id)


@then("nothing of what the tag saw is left")
def no_event(front: Shopfront) -> None:
    assert front.get("/tag/events")["items"] == []


@then("the shop sees that what the tag saw was deleted")
def sees_events(front: Shopfront) -> None:
    run = front.get("/retention")["last_run"]
    assert (run["orders"], run["clicks"], run["events"]) == (0, 0, 1)


@then("there is no click any more")
def no_click(front: Shopfront) -> None:
    assert front.clicks("Ada") == []
