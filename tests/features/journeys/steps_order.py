"""Steps about orders, returns and time."""

from pytest_bdd import given, parsers, then, when

from tests.features.journeys.nordlicht import Nordlicht


@when(parsers.parse("he orders two lamps for €{price} each with his code"))
def order_with_code(nordlicht: Nordlicht, price: str) -> None:
    nordlicht.deliver("orders/create", nordlicht.lamps("Ben", price, code=nordlicht.carried["code"]))


@given(parsers.parse("Ben claimed the deal and ordered two lamps for €{price} each"))
def claimed_and_ordered(nordlicht: Nordlicht, price: str) -> None:
    nordlicht.browse(nordlicht.ada["link_url"])
    nordlicht.claim("Ben")
    order_with_code(nordlicht, price)
    nordlicht.shop.eventually(lambda: len(nordlicht.rewards()) == 2)
    nordlicht.carried = {}


@when(parsers.parse("{name} orders two lamps for €{price} each with Ada's code in small letters"))
def order_with_adas_code(nordlicht: Nordlicht, name: str, price: str) -> None:
    nordlicht.carried = {}
    code = nordlicht.ada["code"].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    nordlicht.deliver("orders/create", nordlicht.lamps(name, price, code=code))


@when(parsers.parse("he orders two lamps for €{price} each without a code"))
def order_without_code(nordlicht: Nordlicht, price: str) -> None:
    nordlicht.deliver("orders/create", nordlicht.lamps("Ben", price, code=None))


@when(parsers.parse("Ada orders two lamps for €{price} each with her own code"))
def order_oneself(nordlicht: Nordlicht, price: str) -> None:
    alias = nordlicht.spelled_otherwise("Ada")
    order = nordlicht.lamps("Ada", price, code=nordlicht.ada["code"], alias=alias)
    nordlicht.deliver("orders/create", order)


@when("an order with Ada's code arrives that Shopify did not sign")
def forged(nordlicht: Nordlicht) -> None:
    order = nordlicht.lamps("Ben", "64.50", code=nordlicht.ada["code"])
    nordlicht.refused = nordlicht.report("orders/create", order, secret="somebody else's secret")


@then("it is turned away")
def turned_away(nordlicht: Nordlicht) -> None:
    assert nordlicht.refused.status_code == 401
    assert nordlicht.get(f"/orders?order_id={nordlicht.orders[-1]['id']}")["items"] == []


@when("Ben returns one lamp")
def return_one(nordlicht: Nordlicht) -> None:
    nordlicht.deliver("refunds/create", nordlicht.refund(nordlicht.orders[-1], 1))


@when("Ben returns everything")
def return_all(nordlicht: Nordlicht) -> None:
    nordlicht.deliver("refunds/create", nordlicht.refund(nordlicht.orders[-1], 2))


@when("Ben cancels the order")
def cancel(nordlicht: Nordlicht) -> None:
    now = nordlicht.get("/shop")["now"]
    order = nordlicht.orders[-1] | {"cancelled_at": now, "updated_at": now, "cancel_reason": "customer"}
    nordlicht.deliver("orders/cancelled", order)


@when(parsers.parse("the return of one of two lamps for €{price} each is heard of before the order, and both twice"))
def upside_down(nordlicht: Nordlicht, price: str) -> None:
    order = nordlicht.lamps("Ben", price, code=nordlicht.carried["code"])
    refund = nordlicht.refund(order, 1)
    nordlicht.deliver("refunds/create", refund, times=2)
    nordlicht.deliver("orders/create", order, times=2)
    nordlicht.known_order()
    nordlicht.deliver("refunds/create", refund)
    nordlicht.deliver("orders/create", order)


@when(parsers.parse("{days:d} days pass"))
def pass_time(nordlicht: Nordlicht, days: int) -> None:
    nordlicht.shop.move_clock(days=days)


@given(parsers.parse("{days:d} days have passed, and the rewards are issued"))
def passed(nordlicht: Nordlicht, days: int) -> None:
    nordlicht.shop.move_clock(days=days)
    nordlicht.shop.eventually(lambda: {reward["state"] for reward in nordlicht.rewards()} == {"issued"})


@then(parsers.parse('the order is credited to Ada, because "{reason}"'))
def credited(nordlicht: Nordlicht, reason: str) -> None:
    attribution = nordlicht.known_order()["attribution"]
    assert attribution["advocate_id"] == nordlicht.ada["id"]
    assert attribution["reason"] == reason


@then(parsers.re("the order is credited to Ada by the (?P<way>typed code|followed link)"))
def credited_by(nordlicht: Nordlicht, way: str) -> None:
    attribution = nordlicht.known_order()["attribution"]
    assert attribution["advocate_id"] == nordlicht.ada["id"]
    assert attribution["method"] == {"typed code": "coupon_code", "followed link": "click_id"}[way]


@then(parsers.parse('the order earns nothing, because "{reason}"'))
def earns_nothing(nordlicht: Nordlicht, reason: str) -> None:
    order_id = nordlicht.known_order()["id"]

    def told() -> bool:
        verdicts = nordlicht.get(f"/verdicts?order_id={order_id}")["items"]
        return [verdict["reason"]["sentence"] for verdict in verdicts] == [reason]

    nordlicht.shop.eventually(told)
