"""Steps about the shop's domains. What DNS says is told to the test's stand-in for it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from tests.features.tracking.shopfront import PHONE, Shopfront


class NamesSay:
    """Stands in for DNS: says nothing but what it was told."""

    def __init__(self) -> None:
        self.told_texts: dict[str, list[str]] = {}
        self.told_addresses: dict[str, list[str]] = {}

    async def texts(self, name: str) -> list[str]:
        return self.told_texts.get(name, [])

    async def addresses(self, host: str) -> list[str]:
        return self.told_addresses.get(host, [])


@pytest.fixture
def dns(front: Shopfront, monkeypatch: pytest.MonkeyPatch) -> Iterator[NamesSay]:
    said = NamesSay()
    names = front.shop.world.installation.contexts["tracking"].container.names()
    monkeypatch.setattr(names, "texts", said.texts)
    monkeypatch.setattr(names, "addresses", said.addresses)
    yield said


def domain_of(front: Shopfront, host: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in front.get("/domains")["items"] if one["host"] == host)
    return found


def check(front: Shopfront, host: str) -> dict[str, Any]:
    path = f"/domains/{domain_of(front, host)['id']}"
    answer = front.api("POST", f"{path}/check")
    assert answer.status_code == 202, answer.text

    def looked() -> dict[str, Any]:
        domain: dict[str, Any] = front.get(path)
        return domain if domain["checked_at"] else {}

    return front.shop.eventually(looked)


def prove(front: Shopfront, dns: NamesSay, host: str) -> None:
    proofs = front.api("POST", "/domains", json={"host": host}).json()["proofs"]
    dns.told_texts[proofs["dns_name"]] = [
        "v=spf1 -all",
        *dns.told_texts.get(proofs["dns_name"], []),
        proofs["dns_text"],
    ]
    assert check(front, host)["state"] == "verified"


@given(parsers.parse('the marketer added the domain "{host}"'))
@when(parsers.parse('the marketer adds the domain "{host}"'))
def add(front: Shopfront, dns: NamesSay, host: str) -> None:
    front.api("POST", "/domains", json={"host": host})


@when("the shop puts the asked text into the domain's DNS")
def put_text(front: Shopfront, dns: NamesSay) -> None:
    proofs = front.get("/domains")["items"][0]["proofs"]
    dns.told_texts[proofs["dns_name"]] = [proofs["dns_text"]]


@given(parsers.parse('the domain\'s name leads to "{address}"'))
def leads_to_address(front: Shopfront, dns: NamesSay, address: str) -> None:
    dns.told_addresses[front.get("/domains")["items"][0]["host"]] = [address]


@when("the marketer has the domain checked")
def have_checked(front: Shopfront, dns: NamesSay) -> None:
    check(front, front.get("/domains")["items"][0]["host"])


@given(parsers.parse('"{host}" is a verified domain of the shop'))
def verified(front: Shopfront, dns: NamesSay, host: str) -> None:
    prove(front, dns, host)


@when("the marketer takes the domain away")
def take_away(front: Shopfront) -> None:
    answer = front.api("DELETE", f"/domains/{front.get('/domains')['items'][0]['id']}")
    assert answer.status_code == 204, answer.text


@given("the marketer lets links live on it")
@when("the marketer lets links live on it")
def serve(front: Shopfront) -> None:
    _serve(front, front.get("/domains")["items"][0]["host"])
    assert front.answer.status_code == 200, front.answer.text


@given(parsers.parse('a neighbouring shop that has proven "{host}" too'), target_fixture="neighbour")
def neighbour_with_host(front: Shopfront, dns: NamesSay, host: str) -> Shopfront:
    neighbour = Shopfront(front.shop.world.open_shop(title="Suedlicht"))
    prove(neighbour, dns, host)
    return neighbour


@when(parsers.parse('the neighbour lets links live on "{host}"'))
def neighbour_serves(front: Shopfront, neighbour: Shopfront, host: str) -> None:
    _serve(neighbour, host)
    front.answer = neighbour.answer


def _serve(front: Shopfront, host: str) -> None:
    front.api("PATCH", f"/domains/{domain_of(front, host)['id']}", json={"serves_links": True})


@given(
    parsers.parse('a neighbouring shop with a link with the path "{path}" to its page "{page}"'),
    target_fixture="neighbour",
)
def neighbour_with_link(front: Shopfront, path: str, page: str) -> Shopfront:
    neighbour = Shopfront(front.shop.world.open_shop(title="Suedlicht"))
    body = {"destination": neighbour.shop.details["storefront_url"] + page, "vanity": path}
    assert neighbour.api("POST", "/links", json=body).status_code == 201
    return neighbour


@when(parsers.parse('a visitor opens "{path}" on "{host}"'))
def open_path(front: Shopfront, path: str, host: str) -> None:
    def arrives() -> bool:
        headers = {"user-agent": PHONE, "accept-language": "de", "host": host}
        front.answer = front.shop.client.get(f"/{path}", headers=headers)
        front.arrived = front.answer.headers.get("location", "")
        return bool(front.answer.status_code == 302)

    front.shop.eventually(arrives, within=1)


@when(parsers.parse('a visitor guesses "{path}" on "{host}"'))
def guess_path(front: Shopfront, path: str, host: str) -> None:
    def answers() -> bool:
        headers = {"user-agent": PHONE, "accept-language": "de", "host": host}
        front.answer = front.shop.client.get(f"/{path}", headers=headers)
        return "text/html" in front.answer.headers["content-type"]

    front.shop.eventually(answers, within=1)


@then(parsers.parse('the domain "{host}" is verified by "{proof}"'))
def is_verified(front: Shopfront, host: str, proof: str) -> None:
    assert (domain_of(front, host)["state"], domain_of(front, host)["verified_by"]) == ("verified", proof)


@then(parsers.parse('the domain "{host}" is still pending, and it says why'))
def is_pending(front: Shopfront, host: str) -> None:
    assert domain_of(front, host)["state"] == "pending"
    assert re.fullmatch(r"[A-Z].{20,}\.", domain_of(front, host)["reason"])


@then(parsers.parse('it is kept as "{host}", so that the strange letter shows'))
def kept_as(front: Shopfront, host: str) -> None:
    assert front.answer.status_code == 201, front.answer.text
    assert front.answer.json()["host"] == host
    assert front.answer.json()["readable"] != "nordlicht.example"
