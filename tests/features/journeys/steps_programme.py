"""Steps about the programme and the advocate."""

from pytest_bdd import given, parsers, then, when

from tests.features.journeys.nordlicht import SECRET, Nordlicht


def _euros(amount: int) -> dict[str, object]:
    return {"amount_minor": amount * 100, "currency": "EUR"}


@given(parsers.parse('Nordlicht promises "give €{give:d}, get {share:d} % of the order, at most €{cap:d}"'))
def promise(nordlicht: Nordlicht, give: int, share: int, cap: int) -> None:
    nordlicht.terms = {
        "currency": "EUR",
        "friend_deal": {"kind": "fixed", "amount": _euros(give)},
        "advocate_reward": {"kind": "percent", "basis_points": share * 100, "cap": _euros(cap)},
    }


@given(parsers.parse("it asks for €{minimum:d}, for a first order, and waits {days:d} days for returns"))
def conditions(nordlicht: Nordlicht, minimum: int, days: int) -> None:
    terms = {**nordlicht.terms, "minimum_order": _euros(minimum), "first_order_only": True, "hold_days": days}
    drafted = nordlicht.post("/programmes", {"title": "Share the light", "terms": terms})
    nordlicht.programme = nordlicht.post(f"/programmes/{drafted['id']}/launch", status=200)
    body = {"kind": "shopify", "title": "Nordlicht on Shopify", "secret": SECRET}
    nordlicht.connection = nordlicht.post("/connections", body)


@given("Ada has bought at Nordlicht and has her link and code")
def advocate(nordlicht: Nordlicht) -> None:
    order = nordlicht.lamps("Ada", "64.50", code=None)
    nordlicht.deliver("orders/create", order)
    body = {
        "programme_id": nordlicht.programme["id"],
        "customer_reference": str(nordlicht.customer("Ada")),
        "email": nordlicht.address("Ada"),
        "first_name": "Ada",
        "locale": "de",
    }
    nordlicht.ada = nordlicht.post("/advocates", body)
    nordlicht.shop.eventually(lambda: _kit_code(nordlicht) == nordlicht.ada["code"])
    nordlicht.shop.eventually(lambda: nordlicht.browse(nordlicht.ada["link_url"], agent="curl/8").status_code == 200)
    nordlicht.known_order()


def _kit_code(nordlicht: Nordlicht) -> str:
    path = f"/api/v1/share-kits/{nordlicht.ada['id']}"
    answer = nordlicht.shop.client.get(path, headers=nordlicht.shop.headers)
    return str(answer.json().get("code"))


@when("the programme is paused")
def pause(nordlicht: Nordlicht) -> None:
    nordlicht.post(f"/programmes/{nordlicht.programme['id']}/pause", status=200)


@when("the programme goes on")
def resume(nordlicht: Nordlicht) -> None:
    nordlicht.post(f"/programmes/{nordlicht.programme['id']}/resume", status=200)


@then("Ada's page says that the deal is taking a break")
def on_a_break(nordlicht: Nordlicht) -> None:
    nordlicht.shop.eventually(
        lambda: "Dieses Angebot macht gerade Pause" in nordlicht.browse(nordlicht.ada["link_url"]).text
    )
