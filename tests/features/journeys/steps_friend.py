"""Steps about the friend: link, page and claim."""

from typing import Any

from pytest_bdd import given, parsers, then, when

from tests.features.journeys.nordlicht import MESSENGER, Nordlicht


@given("Ben opened Ada's link")
@when("Ben opens Ada's link on his phone, which speaks German")
def open_link(nordlicht: Nordlicht) -> None:
    assert nordlicht.browse(nordlicht.ada["link_url"]).status_code == 200
    nordlicht.look_around()


@when("a messenger looks at Ada's link to show a preview")
def preview(nordlicht: Nordlicht) -> None:
    assert nordlicht.browse(nordlicht.ada["link_url"], agent=MESSENGER).status_code == 200


@then(parsers.parse('the preview tells of Nordlicht and "{deal}"'))
def previewed(nordlicht: Nordlicht, deal: str) -> None:
    head = nordlicht.page.text.partition("</head>")[0]
    assert 'property="og:title"' in head
    assert "Nordlicht" in head
    assert deal in head.replace("\u00a0", " ")


@then(parsers.parse('a page greets him in German, from Ada, with "{deal}"'))
def greeted(nordlicht: Nordlicht, deal: str) -> None:
    assert '<html lang="de"' in nordlicht.page.text
    assert "Ada" in nordlicht.page.text
    assert deal in nordlicht.page.text.replace("\u00a0", " ")


@then("one visit of Ada's link is counted")
def counted(nordlicht: Nordlicht) -> None:
    assert _visits(nordlicht) == 1


@then("no visit of Ada's link is counted")
def not_counted(nordlicht: Nordlicht) -> None:
    assert _visits(nordlicht) == 0


def _visits(nordlicht: Nordlicht) -> int:
    (link,) = [one for one in nordlicht.get("/links")["items"] if one["advocate_id"] == nordlicht.ada["id"]]
    clicks: list[Any] = nordlicht.get(f"/links/{link['id']}/clicks")["items"]
    return len([click for click in clicks if click["visitor"] == "person"])


@given("Ben claimed the deal")
def opened_and_claimed(nordlicht: Nordlicht) -> None:
    open_link(nordlicht)
    claim(nordlicht)


@when("Ben claims the deal")
def claim(nordlicht: Nordlicht) -> None:
    page = nordlicht.claim("Ben")
    assert page.status_code == 200, page.text
    assert nordlicht.carried.keys() == {"code", "claim", "click"}


@when("Ada tries to claim her own deal")
def claim_own(nordlicht: Nordlicht) -> None:
    nordlicht.browse(nordlicht.ada["link_url"])
    nordlicht.carried = {}
    nordlicht.claim("Ada")


@then("she gets no code")
def no_code(nordlicht: Nordlicht) -> None:
    assert nordlicht.page.status_code == 422
    assert not nordlicht.carried
