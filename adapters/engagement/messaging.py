"""What engagement hears: programmes, advocates and rewards of the referral context."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from adapters.engagement.postgres.facts import PostgresAdvocates, PostgresProgrammes
from adapters.engagement.postgres.messages import PostgresMessages
from adapters.shared.ids import new_id
from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Apply, Subscription
from engagement.application.queue_reward_messages import queue_reward_messages
from engagement.domain.deal import Advocate, Deal, Programme
from engagement.domain.message import RewardNews
from kernel.events import Envelope
from kernel.ids import ProgrammeId


class FriendDeal(Struct, frozen=True, kw_only=True):
    kind: Literal["fixed", "percent"]
    amount_minor: int = 0
    basis_points: int = 0
    cap_minor: int | None = None


class TermsHeard(Struct, frozen=True, kw_only=True):
    currency: str
    friend_deal: FriendDeal
    minimum_order_minor: int = 0
    first_order_only: bool = False

    def deal(self) -> Deal:
        return Deal(
            kind=self.friend_deal.kind,
            currency=self.currency,
            amount_minor=self.friend_deal.amount_minor,
            basis_points=self.friend_deal.basis_points,
            cap_minor=self.friend_deal.cap_minor,
            minimum_order_minor=self.minimum_order_minor,
            first_order_only=self.first_order_only,
        )


class ProgrammeHeard(Struct, frozen=True, kw_only=True):
    """`referral.programme_changed`, as much as engagement needs of it."""

    programme_id: ProgrammeId
    revision: int
    title: str
    state: Literal["draft", "live", "paused", "ended"]
    terms: TermsHeard | None

    def programme(self) -> Programme:
        return Programme(
            programme_id=self.programme_id,
            revision=self.revision,
            title=self.title,
            state=self.state,
            deal=self.terms.deal() if self.terms else None,
        )


async def hear_programmes(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    await PostgresProgrammes(unit).keep([envelope.decode(ProgrammeHeard).programme() for envelope in envelopes])


async def hear_advocates(unit: Unit, envelopes: Sequence[Envelope]) -> None:
    await PostgresAdvocates(unit).keep([envelope.decode(Advocate) for envelope in envelopes])


def hear_rewards(gather_s: float) -> Apply:
    """Queue what is to be said of rewards; the mails of one shop gather for `gather_s` before they leave."""

    async def apply(unit: Unit, envelopes: Sequence[Envelope]) -> None:
        news = [envelope.decode(RewardNews) for envelope in envelopes]
        await queue_reward_messages(PostgresMessages(unit, gather_s), news, new_id)

    return apply


def subscriptions(gather_s: float) -> list[Subscription]:
    return [
        Subscription("engagement.programmes", "referral.programme_changed", hear_programmes),
        Subscription("engagement.advocates", "referral.advocate_enrolled", hear_advocates),
        Subscription("engagement.rewards", "referral.reward_changed", hear_rewards(gather_s)),
    ]
