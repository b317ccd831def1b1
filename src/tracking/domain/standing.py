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
    """The newest snapshot with the latest words about its payment and fulfilment; of one moment the furthest.

    Of two that are of one moment neither takes back a refund that the other shows.
    """
    tie = newest.updated_at == other.updated_at
    if not tie and newest.payment_at is None and newest.fulfilment_at is None:
        return newest
    paid, sent = max(newest, other, key=_of_payment), max(newest, other, key=_of_fulfilment)
    words: dict[str, Any] = {
        "payment": paid.payment,
        "refunded": paid.refunded,
        "payment_at": _at(paid.payment_at or paid.updated_at, newest),
        "fulfilment": sent.fulfilment,
        "fulfilment_at": _at(sent.fulfilment_at or sent.updated_at, newest),
    }
    if tie and (newest.refunds_shown is not None or other.refunds_shown is not None):
        words["refunds_shown"] = tuple(sorted({*(newest.refunds_shown or ()), *(other.refunds_shown or ())}))
    return replace(newest, **words)  # type: ignore[type-var]


def without_words(snapshot: S) -> S:
    """What two snapshots of one moment are compared by: what is joined by itself is left out."""
    words: dict[str, Any] = {"payment": "pending", "refunded": False, "fulfilment": "unknown"}
    none = dict.fromkeys(("payment_at", "fulfilment_at", "refunds_shown"))
    return replace(snapshot, **words, **none)  # type: ignore[type-var]


def _at(moment: datetime, snapshot: Standing) -> datetime | None:
    return None if moment == snapshot.updated_at else moment


def _of_payment(snapshot: Standing) -> tuple[datetime, int, bool]:
    return snapshot.payment_at or snapshot.updated_at, PAYMENT_RANK[snapshot.payment], snapshot.refunded


def _of_fulfilment(snapshot: Standing) -> tuple[datetime, int]:
    return snapshot.fulfilment_at or snapshot.updated_at, FULFILMENT_RANK[snapshot.fulfilment]
