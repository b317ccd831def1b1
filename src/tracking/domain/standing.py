"""How an order stands: paid or not, sent or not.

Some platforms tell of each only what changed: of several messages the latest word about each counts, whichever of them
has the newest order.
"""

from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol, TypeVar

from msgspec.structs import replace

Payment = Literal["pending", "paid", "voided"]
PAYMENT_RANK: Final[dict[str, int]] = {"pending": 0, "paid": 1, "voided": 2}
Fulfilment = Literal["unknown", "open", "partial", "fulfilled", "returned"]
"""Whether the goods left. unknown: the platform does not say."""
FULFILMENT_RANK: Final[dict[str, int]] = {"unknown": 0, "open": 1, "partial": 2, "fulfilled": 3, "returned": 4}
UNSAID: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of a word that a message does not have."""


class Standing(Protocol):
    """What a snapshot says of it. A moment of None is that of the snapshot."""

    @property
    def updated_at(self) -> datetime: ...
    @property
    def payment(self) -> Payment: ...
    @property
    def refunded(self) -> bool: ...
    @property
    def payment_at(self) -> datetime | None: ...
    @property
    def fulfilment(self) -> Fulfilment: ...
    @property
    def fulfilment_at(self) -> datetime | None: ...
    @property
    def refunds_shown(self) -> tuple[str, ...] | None: ...


S = TypeVar("S", bound=Standing)


def with_words(newest: S, other: S) -> S:
    """The newest snapshot, with what was last heard of its payment and fulfilment where it does not tell itself.

    Of two that are of one moment neither takes back a refund that the other shows.
    """
    words: dict[str, Any] = {}
    if newest.refunds_shown is not None and newest.updated_at == other.updated_at:
        words["refunds_shown"] = tuple(sorted({*newest.refunds_shown, *(other.refunds_shown or ())}))
    if newest.payment_at is not None:
        last = max(newest, other, key=_of_payment)
        words |= {"payment": last.payment, "refunded": last.refunded, "payment_at": last.payment_at or last.updated_at}
    if newest.fulfilment_at is not None:
        last = max(newest, other, key=_of_fulfilment)
        words |= {"fulfilment": last.fulfilment, "fulfilment_at": last.fulfilment_at or last.updated_at}
    return replace(newest, **words) if words else newest  # type: ignore[type-var]


def without_words(snapshot: S) -> S:
    """What two snapshots of one moment are compared by: what may be another message's word is left out."""
    words: dict[str, Any] = {}
    if snapshot.payment_at is not None:
        words |= {"payment": "pending", "refunded": False, "payment_at": UNSAID}
    if snapshot.fulfilment_at is not None:
        words |= {"fulfilment": "unknown", "fulfilment_at": UNSAID}
    if snapshot.refunds_shown is not None:
        words["refunds_shown"] = ()
    return replace(snapshot, **words) if words else snapshot  # type: ignore[type-var]


def _of_payment(snapshot: Standing) -> tuple[datetime, int, bool]:
    return snapshot.payment_at or snapshot.updated_at, PAYMENT_RANK[snapshot.payment], snapshot.refunded


def _of_fulfilment(snapshot: Standing) -> tuple[datetime, int]:
    return snapshot.fulfilment_at or snapshot.updated_at, FULFILMENT_RANK[snapshot.fulfilment]
