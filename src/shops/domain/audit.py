"""The audit log: who did what, chained so that a change, a gap or a missing end shows."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct

from kernel.ids import ShopId

ActorKind = Literal["operator", "key", "system"]
Steered = Literal[
    "order.credited",
    "order.credit_withdrawn",
    "chain.set",
    "chain.withdrawn",
    "policy.set",
    "policy.withdrawn",
    "code.blocked",
    "code.released",
    "code.exempted",
    "code.watched",
    "coupon_site.set",
    "coupon_site.withdrawn",
]
"""What people do about whose an order is, as tracking tells of it."""
Action = Literal[
    "shop.opened",
    "shop.changed",
    "shop.clock_moved",
    "key.created",
    "key.revoked",
    "customer.erased",
    "programme.changed",
    Steered,
    "retention.changed",
    "retention.applied",
]
Detail = str | int | bool | list[str] | None

START: Final = bytes(32)
"""What the first entry's seal is chained to."""


class Actor(Struct, frozen=True):
    """Who acts: an operator at the command line, an API key (`id` is its key id), or Grapevine by itself."""

    kind: ActorKind
    id: str = ""


OPERATOR: Final = Actor("operator")
SYSTEM: Final = Actor("system")


class Note(Struct, frozen=True, kw_only=True):
    """What is to be entered. `details` never hold personal data."""

    actor: Actor
    action: Action
    subject: str
    at: datetime
    details: Mapping[str, Detail] = {}


class Link(Struct, frozen=True):
    """Where a chain stands: the position and seal of its last entry; `Link()` before the first."""

    position: int = 0
    seal: bytes = START


class Entry(Struct, frozen=True, kw_only=True):
    """One entry as stored. `details` is the JSON text that was sealed; positions count from 1 without a gap."""

    position: int
    at: datetime
    actor: Actor
    action: str
    subject: str
    details: str
    seal: bytes


def enter(key: bytes, shop_id: ShopId, after: Link, note: Note) -> Entry:
    """The entry that follows `after`. The seal is keyed: who can write the table still cannot forge a chain."""
    entry = Entry(
        position=after.position + 1,
        at=note.at,
        actor=note.actor,
        action=note.action,
        subject=note.subject,
        details=msgspec.json.encode(note.details, order="sorted").decode(),
        seal=b"",
    )
    return msgspec.structs.replace(entry, seal=_seal(key, shop_id, after.seal, entry))


def broken_at(key: bytes, shop_id: ShopId, after: Link, entries: Iterable[Entry]) -> tuple[Link, int | None]:
    """Walk on from `after`: where the chain stands then, and the first position that does not hold, if any."""
    for entry in entries:
        position = after.position + 1
        seal = _seal(key, shop_id, after.seal, entry)
        if entry.position != position or not hmac.compare_digest(entry.seal, seal):
            return after, position
        after = Link(position, entry.seal)
    return after, None


def _seal(key: bytes, shop_id: ShopId, before: bytes, entry: Entry) -> bytes:
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    content = [shop_id, entry.position, at, entry.actor, entry.action, entry.subject, entry.details]
    return hmac.new(key, before + msgspec.json.encode(content), hashlib.sha256).digest()
