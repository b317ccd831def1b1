"""Hints: what a browser said about an order at checkout, beside what the platform reports of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.codes import MalformedCode, normalise
from kernel.ids import ClaimId, ClickId

LONGEST_REF = 200
MOST_CODES = 10
LONGEST_CODE = 64
MOST_PER_ORDER = 20
"""Anybody can send hints about any order: more than these about one are not kept."""


class OrderHint(Struct, frozen=True, kw_only=True):
    """What the tag saw when an order was placed. It may come before the order, and the order may never come.

    `order_ref` is the platform's id of the order or its number. Whose address it was is known by a keyed hash only,
    which is another each day.
    """

    order_ref: str
    source: Literal["tag"] = "tag"
    click_id: ClickId | None = None
    claim_id: ClaimId | None = None
    codes: tuple[str, ...] = ()
    visitor: str | None = None
    campaign: str | None = None
    address_hash: bytes | None = None
    name_key: UUID | None = None
    """Stands for the name that the buyer gave for whoever sent them: a keyed hash of the vault's."""
    at: datetime


def order_name(text: str) -> str:
    """An order's id or number as hints and orders are compared: "#1001" and "1001 " are the same."""
    return _clean(text, LONGEST_REF + 1).strip().removeprefix("#")[:LONGEST_REF]


def fit(hint: OrderHint) -> OrderHint:
    """The hint within the limits of what is kept, its order named as orders are compared."""
    return replace(
        hint,
        order_ref=order_name(hint.order_ref),
        codes=tuple(dict.fromkeys(code for code in map(_code, hint.codes) if code))[:MOST_CODES],
        visitor=_clean(hint.visitor, LONGEST_CODE) if hint.visitor else None,
        campaign=_clean(hint.campaign, LONGEST_REF) if hint.campaign else None,
    )


def _code(typed: str) -> str:
    """In stored form, so that a code which becomes known later finds its hints."""
    text = _clean(typed, LONGEST_CODE)
    try:
        return normalise(text)
    except MalformedCode:
        return text


def _clean(text: str, limit: int) -> str:
    """Without what a database cannot hold."""
    return text.replace("\0", "").encode(errors="ignore").decode()[:limit]
