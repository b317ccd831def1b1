"""Steps about whom an order is credited to, and by what."""

from pytest_bdd import given, parsers, then, when

from tests.acquisition.support import tell_of_the_past
from tests.features.journeys.nordlicht import Nordlicht

USUAL = ("manual", "signed_claim", "coupon_code", "click_id", "cookie", "friend_email")


def _set_chain(nordlicht: Nordlicht, *more: str) -> None:
    plan = {"steps": [{"method": method} for method in (*USUAL, *more)]}
    programme_id = nordlicht.programme["id"]
    nordlicht.post(f"/attribution/chains/{programme_id}/versions", {"plan": plan})


@given("Zoe Winter recommends Nordlicht, too", target_fixture="zoe_id")
def zoe(nordlicht: Nordlicht) -> str:
    who = {"email": nordlicht.address("Zoe"), "first_name": "Zoe", "last_name": "Winter"}
    advocate = nordlicht.post("/advocates", {"programme_id": nordlicht.programme["id"], **who})
    return str(advocate["id"])


@given("the programme credits whom a friend names")
def by_name(nordlicht: Nordlicht) -> None:
    _set_chain(nordlicht, "refer_by_name")


@given("the programme credits who claimed the deal with the same number")
def by_number(nordlicht: Nordlicht) -> None:
    _set_chain(nordlicht, "phone")


@given("the programme credits whose invite code a friend brings")
def by_invite(nordlicht: Nordlicht) -> None:
    _set_chain(nordlicht, "invite_code")


@given("Ada invites friends with an invite code of her own", target_fixture="invite_code")
def invites(nordlicht: Nordlicht) -> str:
    body = {"inviter": {"email": nordlicht.address("Ada")}, "seats": 5, "expires_at": "2099-12-31T23:00:00Z"}
    return str(nordlicht.post("/invites", body)["code"])


@given("that was before checkouts knew of invite codes")
def unheard_of(nordlicht: Nordlicht, invite_code: str) -> None:
    """As an older version left it: nobody was told of the code, so tracking does not know it."""
    world, shop_id = nordlicht.shop.world, nordlicht.shop.shop_id
    known = "SELECT code FROM tracking.known_invite WHERE shop_id = %s"
    nordlicht.shop.eventually(lambda: world.sql(known, shop_id))
    world.sql("DELETE FROM tracking.known_invite WHERE shop_id = %s", shop_id)
    world.sql("UPDATE acquisition.invite SET told = false WHERE shop_id = %s", shop_id)


@when("Grapevine has been brought up to date")
def up_to_date(nordlicht: Nordlicht) -> None:
    order = nordlicht.known_order()
    assert order["attribution"]["method"] is None
    tell_of_the_past(nordlicht.shop.world)


@when(parsers.parse("Ben orders two lamps for €{price} each and types that invite code in small letters"))
def types_invite(nordlicht: Nordlicht, price: str, invite_code: str) -> None:
    nordlicht.deliver("orders/create", nordlicht.lamps("Ben", price, code=invite_code.lower()))


@when("the marketer exempts Ada's code, sets the shop's rules, and withdraws a chain and rules that were to come")
def steers(nordlicht: Nordlicht) -> None:
    chains = f"/attribution/chains/{nordlicht.programme['id']}/versions"
    plan, later = {"steps": [{"method": "manual"}]}, {"from": "2099-01-01T00:00:00Z"}
    nordlicht.post(chains, {"plan": plan} | later)
    nordlicht.post(f"{chains}/2/withdraw", status=200)
    for path, rule in (("policies", {"conflict": "refuse"}), ("coupon-site-rules", {"rule": {"orders": 40}})):
        nordlicht.post(f"/attribution/{path}", rule)
        nordlicht.post(f"/attribution/{path}", rule | later)
        nordlicht.post(f"/attribution/{path}/3/withdraw", status=200)
    path = f"/api/v1/attribution/exempt-codes/{nordlicht.ada['code']}"
    headers = nordlicht.shop.headers | {"idempotency-key": "exempt-ada"}
    nordlicht.shop.eventually(
        lambda: nordlicht.shop.client.put(path, json={"reason": "Posters."}, headers=headers).status_code == 200
    )


@then("the audit log tells of all of it")
def all_audited(nordlicht: Nordlicht) -> None:
    expected = {"chain.set": "2", "chain.withdrawn": "2", "code.exempted": "None"}
    expected |= {"policy.set": "2", "policy.withdrawn": "3", "coupon_site.set": "2", "coupon_site.withdrawn": "3"}

    def told() -> bool:
        entries = nordlicht.get("/audit-log")["items"]
        found = {each["action"]: str(each["details"].get("version")) for each in entries}
        return expected.items() <= found.items()

    nordlicht.shop.eventually(told)


@given(parsers.parse('Ben claimed Ada\'s deal with the number "{number}"'))
def claimed(nordlicht: Nordlicht, number: str) -> None:
    friend = {"email": nordlicht.address("Ben"), "first_name": "Ben", "phone": number}
    body = {"advocate_code": nordlicht.ada["code"], "friend": friend, "locale": "de"}
    nordlicht.shop.eventually(lambda: nordlicht.post("/claims", body))


@when(parsers.parse('Ben orders two lamps for €{price} each and names "{name}" as the friend who sent him'))
def names(nordlicht: Nordlicht, price: str, name: str) -> None:
    order = nordlicht.lamps("Ben", price, code=None)
    order["note_attributes"] = [{"name": "grapevine_friend_of", "value": name}]
    nordlicht.deliver("orders/create", order)


@when(parsers.parse('Cleo orders two lamps for €{price} each with the number "{number}"'))
def with_number(nordlicht: Nordlicht, price: str, number: str) -> None:
    order = nordlicht.lamps("Cleo", price, code=None)
    order["phone"] = number
    nordlicht.deliver("orders/create", order)


@when(parsers.parse('the marketer credits the order to Zoe, because "{reason}"'))
def by_hand(nordlicht: Nordlicht, zoe_id: str, reason: str) -> None:
    order_id = nordlicht.known_order()["id"]
    answer = nordlicht.shop.client.post(
        f"/api/v1/orders/{order_id}/credits",
        json={"advocate_id": zoe_id, "reason": reason},
        headers=nordlicht.shop.headers | {"idempotency-key": f"credit-{order_id}"},
    )
    assert answer.status_code == 201, answer.text


@then(parsers.parse("Zoe has €{amount} pending"))
def zoe_earns(nordlicht: Nordlicht, zoe_id: str, amount: str) -> None:
    def earned() -> bool:
        mine = [each for each in nordlicht.rewards() if each["side"] == "advocate" and each["advocate_id"] == zoe_id]
        cents = int(amount.replace(".", ""))
        return [(each["state"], each["amount"]["amount_minor"]) for each in mine] == [("pending", cents)]

    nordlicht.shop.eventually(earned)


@then("Ada's reward is taken back, because the order was credited elsewhere")
def taken_back(nordlicht: Nordlicht) -> None:
    def reversed_() -> bool:
        adas = [each for each in nordlicht.rewards() if each["advocate_id"] == nordlicht.ada["id"]]
        advocates = [each for each in adas if each["side"] == "advocate"]
        return [(each["state"], each["reason"]["code"]) for each in advocates] == [("reversed", "attributed_elsewhere")]

    nordlicht.shop.eventually(reversed_)


@then("the audit log says that the order was credited by hand")
def audited(nordlicht: Nordlicht, zoe_id: str) -> None:
    def told() -> bool:
        entries = [each for each in nordlicht.get("/audit-log")["items"] if each["action"] == "order.credited"]
        assert len(entries) == 1
        assert entries[0]["subject"] == nordlicht.known_order()["id"]
        assert entries[0]["actor"]["kind"] == "key"
        return bool(entries[0]["details"]["advocate_id"] == zoe_id)

    nordlicht.shop.eventually(told)
