"""A shop with a live deal and an advocate, as the other contexts would have told it."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from httpx import Response
from msgspec import Struct

from adapters.shared.ids import new_code, new_id
from tests.support.world import ShopWorld, World


class Introduced(Struct, frozen=True, kw_only=True):
    reference: str | None = None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None


class Identify(Struct, frozen=True, kw_only=True):
    shop_id: UUID
    people: tuple[Introduced, ...]


class Known(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    person_id: UUID


class KnownPeople(Struct, frozen=True, kw_only=True):
    people: tuple[Known, ...]


class Enrolled(Struct, frozen=True, kw_only=True):
    """`referral.advocate_enrolled` as it travels."""

    advocate_id: UUID
    programme_id: UUID
    customer_id: UUID
    person_id: UUID
    code: str
    link_code: str
    enrolled_at: datetime


def tell_of_the_past(world: World) -> None:
    """Have acquisition do what it does every ten minutes."""
    schedules = world.installation.contexts["acquisition"].offer.schedules
    (tell,) = [schedule for schedule in schedules if schedule.name == "acquisition.tell_old_invites"]
    world.call(tell.run)


def facts_of_invites(shop: ShopWorld) -> list[str]:
    """The codes of which others were told, as often as they were."""
    query = "SELECT payload->>'code' FROM acquisition.outbox WHERE shop_id = %s AND name = %s ORDER BY 1"
    return [code for (code,) in shop.world.sql(query, shop.shop_id, "acquisition.invite_created")]


def fixed(euros: int) -> dict[str, Any]:
    return {"kind": "fixed", "amount_minor": euros * 100}


def percent(basis_points: int, cap_minor: int | None = None) -> dict[str, Any]:
    return {"kind": "percent", "basis_points": basis_points, "cap_minor": cap_minor}


TERMS: dict[str, Any] = {
    "offer_id": str(new_id()),
    "version": 1,
    "currency": "EUR",
    "friend_deal": fixed(10),
    "advocate_reward": percent(1000, 2500),
    "minimum_order_minor": 4000,
    "first_order_only": True,
    "hold_days": 14,
    "claim_days": 30,
    "attribution_days": 30,
}


class DealWorld:
    """The shop, its programme and its advocates."""

    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.programme_id = new_id()
        self.revision = 0
        self.terms = dict(TERMS)
        self.codes: dict[str, str] = {}
        self.advocates: dict[str, Enrolled] = {}

    def programme(self, state: str = "live", **terms: Any) -> None:
        """Say how the programme stands now."""
        self.revision += 1
        self.terms |= terms
        changed = {
            "programme_id": self.programme_id,
            "revision": self.revision,
            "title": "Friends",
            "kind": "refer_a_friend",
            "state": state,
            "terms": self.terms,
        }
        self.shop.tell("acquisition", "referral.programme_changed", changed)

    def know(self, **person: Any) -> Known:
        """Introduce somebody to the vault."""
        asking = self.shop.world.installation.asking
        question = Identify(shop_id=self.shop.shop_id, people=(Introduced(**person),))
        found: KnownPeople = self.shop.world.call(asking, "shops.identify_customers", question, KnownPeople)
        return found.people[0]

    def advocate(self, first_name: str = "Ada", email: str = "ada@example.com", code: str = "") -> str:
        """Enrol an advocate; their code."""
        known = self.know(email=email, first_name=first_name)
        enrolled = Enrolled(
            advocate_id=new_id(),
            programme_id=self.programme_id,
            customer_id=known.customer_id,
            person_id=known.person_id,
            code=code or new_code(),
            link_code=new_code(10),
            enrolled_at=datetime.now(UTC),
        )
        self.enrol(enrolled)
        self.codes[first_name], self.advocates[first_name] = enrolled.code, enrolled
        return enrolled.code

    def enrol(self, enrolled: Enrolled) -> None:
        self.shop.tell("acquisition", "referral.advocate_enrolled", enrolled)

    def path(self, name: str = "Ada") -> str:
        return f"/d/{self.shop.slug}/{self.codes[name]}"

    def page(self, name: str = "Ada", query: str = "", **headers: str) -> Response:
        return self.shop.client.get(self.path(name) + query, headers=headers)

    def claim(self, name: str = "Ada", query: str = "", forwarded: str = "", **form: str) -> Response:
        headers = {"x-forwarded-for": forwarded} if forwarded else {}
        return self.shop.client.post(self.path(name) + query, data=form, headers=headers)

    def api(self, method: str, path: str, **options: Any) -> Response:
        headers = {"authorization": f"Bearer {options.pop('key', self.shop.key)}"} | options.pop("headers", {})
        return self.shop.client.request(method, f"/api/v1{path}", headers=headers, **options)

    def claim_by_api(self, name: str = "Ada", **friend: str) -> Response:
        body = {"advocate_code": self.codes[name], "friend": friend, "locale": "de"}
        return self.api("POST", "/claims", json=body)


def code_on(page: Response) -> str:
    """The friend's code as the page shows it."""
    found = re.search(r'class="code">([^<]+)<', page.text)
    assert found is not None, page.text
    return found[1]


def storefront_on(page: Response) -> str:
    """The address of the button that leads to the shop."""
    found = re.search(r'class="go" href="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1].replace("&amp;", "&")
