"""Messages about rewards: which change is worth a mail, who may get it, and when to try again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from engagement.domain.consent import Purpose
from kernel.ids import AdvocateId, CustomerId, ProgrammeId, RewardId

Kind = Literal["reward_pending", "reward_issued", "reward_reduced", "reward_reversed", "reward_restored"]
Side = Literal["advocate", "friend"]
Change = Literal["pending", "approved", "issued", "reduced", "increased", "reversed", "reinstated"]
SkipReason = Literal[
    "superseded", "unknown_customer", "no_email", "suppressed", "consent_withdrawn", "mail_not_configured", "too_old"
]

TRIES: Final = 8
LATEST: Final = timedelta(days=30)
"""A mail about something that happened longer ago than this helps nobody."""

_WORTH_A_MAIL: Final[dict[Change, Kind]] = {
    "pending": "reward_pending",
    "issued": "reward_issued",
    "reduced": "reward_reduced",
    "increased": "reward_restored",
    "reversed": "reward_reversed",
    "reinstated": "reward_restored",
}
"""An approval is not told: the issue that follows it is, and one mail is enough."""


class RewardNews(Struct, frozen=True, kw_only=True):
    """`referral.reward_changed` as this context hears it."""

    reward_id: RewardId
    revision: int
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    side: Side
    customer_id: CustomerId
    change: str
    amount_minor: int
    previous_amount_minor: int
    currency: str
    reason_code: str
    approve_after: datetime
    changed_at: datetime


class Message(Struct, frozen=True, kw_only=True):
    """One mail to one customer about one revision of one reward. Holds no personal data."""

    message_id: UUID
    kind: Kind
    reward_id: RewardId
    revision: int
    programme_id: ProgrammeId
    advocate_id: AdvocateId
    side: Side
    customer_id: CustomerId
    amount_minor: int
    previous_amount_minor: int
    currency: str
    reason_code: str
    approve_after: datetime
    changed_at: datetime
    tries: int = 0


def kind_for(change: str) -> Kind | None:
    """The message that a change is worth; None for one that is not told, also when the change is not known here."""
    return _WORTH_A_MAIL.get(change)  # type: ignore[call-overload,no-any-return]


def worth_telling(news: Iterable[RewardNews]) -> list[RewardNews]:
    """Of each reward the newest revision that is worth a mail: what is heard together is told once."""
    newest: dict[RewardId, RewardNews] = {}
    for heard in news:
        if heard.change in _WORTH_A_MAIL:
            known = newest.get(heard.reward_id)
            if known is None or known.revision < heard.revision:
                newest[heard.reward_id] = heard
    return list(newest.values())


class Recipient(Struct, frozen=True, kw_only=True):
    """A customer as the vault knows them. Personal data: used to send, kept nowhere."""

    customer_id: CustomerId
    email: str | None
    first_name: str
    locale: str | None


class Standing(Struct, frozen=True, kw_only=True):
    """What a recipient allows: purposes (or "all") suppressed for their address, and purposes they withdrew."""

    suppressed: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()


def refusal_to_send(
    message: Message, recipient: Recipient | None, standing: Standing, *, purpose: Purpose, now: datetime
) -> SkipReason | None:
    """Why this message must not be sent, or None. Suppression beats everything; a service mail needs no grant."""
    if recipient is None:
        return "unknown_customer"
    if not recipient.email:
        return "no_email"
    if standing.suppressed & {"all", purpose}:
        return "suppressed"
    if purpose in standing.withdrawn:
        return "consent_withdrawn"
    if now - message.changed_at > LATEST:
        return "too_old"
    return None


def wait_before_retry(tries: int) -> timedelta | None:
    """How long to wait after the given number of failed tries; None when it is time to give up."""
    return None if tries >= TRIES else min(timedelta(seconds=30 * 4 ** (tries - 1)), timedelta(hours=6))
