"""Friends who claimed a deal, and the signed webhooks of their first orders."""

import base64
import hashlib
import hmac
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from acquisition.events import DealClaimed
from adapters.host.composition import Installation
from adapters.shared.ids import new_id
from adapters.shops.questions import IdentifyAnswer, IdentifyQuestion, PersonAsked
from benchmarks.ground import Ground
from benchmarks.retail import Retailer
from kernel.codes import ALPHABET
from kernel.ids import AdvocateId, ClaimId, CustomerId, PersonId, ProgrammeId, ShopId

TEMPLATE: Final = Path(__file__).parent / "payloads" / "orders_create.json"
BATCH: Final = 500
# The facts are laid into acquisition's outbox, from where the worker carries them as it carries any.
CLAIMED = """
WITH stored AS (
    INSERT INTO acquisition.outbox (shop_id, event_id, name, version, occurred_at, payload)
    SELECT shop_id, event_id, 'acquisition.deal_claimed', 1, now(), payload
    FROM unnest(%(shops)s::uuid[], %(ids)s::uuid[], %(payloads)s::json[]) AS fact (shop_id, event_id, payload)
)
INSERT INTO acquisition.delivery (shop_id, event_id, subscriber)
SELECT shop_id, event_id, subscriber FROM unnest(%(shops)s::uuid[], %(ids)s::uuid[]) AS fact (shop_id, event_id),
    unnest(ARRAY['referral', 'tracking']) AS subscriber
"""
_numbers = itertools.count(1)


class Friend(Struct, frozen=True, kw_only=True):
    """`number` is the order's, the customer's and the e-mail address's."""

    number: int
    retailer: Retailer
    code: str

    @property
    def email(self) -> str:
        return f"friend{self.number}@post.example"


def choose(retailers: Sequence[Retailer], count: int) -> list[Friend]:
    """New friends, spread over the shops by Zipf's law."""
    chosen = random.choices(retailers, [retailer.weight for retailer in retailers], k=count)
    return [
        Friend(number=number, retailer=one, code=_code(number)) for number, one in zip(_numbers, chosen, strict=False)
    ]


async def claim(ground: Ground, friends: Sequence[Friend]) -> None:
    """Enter the friends in their shop's vault by e-mail, and have their claims told to those who hear of claims."""
    by_shop: dict[ShopId, list[Friend]] = {}
    for friend in friends:
        by_shop.setdefault(ShopId(friend.retailer.shop_id), []).append(friend)
    installation = Installation(ground.settings, ground.postgres.conninfo)
    facts: list[tuple[UUID, DealClaimed]] = []
    try:
        for shop_id, theirs in by_shop.items():
            for start in range(0, len(theirs), BATCH):
                batch = theirs[start : start + BATCH]
                people = tuple(PersonAsked(email=friend.email, first_name="Ben") for friend in batch)
                question = IdentifyQuestion(shop_id=shop_id, people=people)
                known = await installation.asking("shops.identify_customers", question, IdentifyAnswer)
                facts += [
                    (shop_id, _claimed(friend, one.customer_id, one.person_id))
                    for friend, one in zip(batch, known.people, strict=True)
                ]
    finally:
        await installation.close()
    _tell(ground, facts)


def _claimed(friend: Friend, customer_id: CustomerId, person_id: PersonId) -> DealClaimed:
    promoter = friend.retailer.promoters[friend.number % len(friend.retailer.promoters)]
    now = datetime.now(UTC)
    return DealClaimed(
        claim_id=ClaimId(new_id()), programme_id=ProgrammeId(friend.retailer.programme_id),
        advocate_id=AdvocateId(promoter.advocate_id), friend_id=customer_id, person_id=person_id, code=friend.code,
        click_id=None, locale="de", claimed_at=now, expires_at=now + timedelta(days=30),
    )  # fmt: skip


def _tell(ground: Ground, facts: Sequence[tuple[UUID, DealClaimed]]) -> None:
    with psycopg.connect(ground.postgres.conninfo, autocommit=True) as connection:
        for start in range(0, len(facts), 2000):
            part = facts[start : start + 2000]
            values = {
                "shops": [shop_id for shop_id, _ in part],
                "ids": [new_id() for _ in part],
                "payloads": [msgspec.json.encode(fact).decode() for _, fact in part],
            }
            connection.execute(CLAIMED.encode(), values)


def write_deliveries(friends: Sequence[Friend], path: Path) -> None:
    """Write the friends' orders as signed deliveries, one a line. The first line is read twice by wrk's own check."""
    with path.open("wb") as file:
        for friend, body in _orders(friends):
            retailer = friend.retailer
            signature = base64.b64encode(hmac.digest(retailer.secret.encode(), body, hashlib.sha256))
            fields = (retailer.connection_path.encode(), delivery_id(friend.number).encode(), signature, body)
            file.write(b"\t".join(fields) + b"\n")


def delivery_id(number: int) -> str:
    return f"delivery-{number}"


def _orders(friends: Sequence[Friend]) -> Iterator[tuple[Friend, bytes]]:
    """Whole Shopify orders, 8 KB each, made by filling the few places where they differ."""
    template = json.dumps(_template(json.loads(TEMPLATE.read_text()))).encode()
    now = datetime.now(UTC).isoformat(timespec="seconds").encode()
    currencies = {friend.retailer.currency for friend in friends}
    templates = {
        currency: template.replace(b"@CURRENCY@", currency.encode()).replace(b"@NOW@", now) for currency in currencies
    }
    for friend in friends:
        body = templates[friend.retailer.currency].replace(b'"@NUMBER@"', b"%d" % friend.number)
        body = body.replace(b"@NAME@", b"#%d" % friend.number).replace(b"@CODE@", friend.code.encode())
        yield friend, body.replace(b"@EMAIL@", friend.email.encode())


def _template(order: dict[str, Any]) -> dict[str, Any]:
    order = _with_currency(order)
    order |= {
        "id": "@NUMBER@", "name": "@NAME@", "email": "@EMAIL@", "contact_email": "@EMAIL@", "customer_locale": "de-DE",
        "created_at": "@NOW@", "updated_at": "@NOW@", "processed_at": "@NOW@", "discount_codes": [
            {"code": "@CODE@", "amount": "10.00", "type": "fixed_amount"}
        ],
    }  # fmt: skip
    order["customer"] |= {"id": "@NUMBER@", "email": "@EMAIL@", "first_name": "Ben", "last_name": "Example"}
    return order


def _with_currency(value: Any) -> Any:
    if isinstance(value, dict):
        names = {"currency", "currency_code", "presentment_currency"}
        return {key: "@CURRENCY@" if key in names else _with_currency(inner) for key, inner in value.items()}
    return [_with_currency(inner) for inner in value] if isinstance(value, list) else value


def _code(number: int) -> str:
    """A friend's code: eight Crockford letters, different for each."""
    letters = []
    for _ in range(7):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "F" + "".join(letters)
