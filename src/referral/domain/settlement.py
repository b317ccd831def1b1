"""Settling: from all that is known of a friend in a programme to referrals, rewards and ledger transfers.

The unit is the *case*: one friend (person) in one programme. Its outcome depends only on the latest state
of its orders and on its claims, so it is the same for any order, repetition or delay of the facts.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.ids import AdvocateId, ClaimId, OrderId, PersonId, ProgrammeId, ReferralId, RewardId
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from referral.domain.ledger import Transfer, transfer_of
from referral.domain.programme import History
from referral.domain.reasons import Reason, because
from referral.domain.referral import Referral
from referral.domain.referral import State as ReferralState
from referral.domain.reward import Reward, Step
from referral.domain.verdict import SIDES, Side, Verdict, judge, outranked

CaseKey = tuple[ProgrammeId, PersonId]
RewardKey = tuple[ReferralId, OrderId, Side]
NewId = Callable[[], UUID]


class Books(Struct, frozen=True, kw_only=True):
    """All that is known of some cases."""

    orders: Sequence[Order] = ()
    claims: Sequence[Claim] = ()
    programmes: Sequence[History] = ()
    advocates: Sequence[Advocate] = ()
    referrals: Sequence[Referral] = ()
    rewards: Sequence[Reward] = ()


class Move(Struct, frozen=True):
    """One step of one reward, and the reward after it."""

    reward: Reward
    step: Step

    def transfer(self) -> Transfer:
        return transfer_of(self.reward, self.step)


class Settled(Struct, frozen=True, kw_only=True):
    """What is to be written: only what changed."""

    verdicts: list[Verdict]
    referrals: list[Referral]
    moves: list[Move]
    adjusted: list[Reward]
    """Rewards whose terms changed and whose amount did not: no step, no transfer."""

    def leaves_due(self, books: Books, at: datetime) -> bool:
        """Whether, of the cases in the books, a reward is pending whose order is paid and whose hold is over."""
        after = (*books.rewards, *self.adjusted, *(move.reward for move in self.moves))
        due = [reward for reward in {reward.reward_id: reward for reward in after}.values() if reward.is_due(at)]
        paid = {order.order_id for order in books.orders if order.payment == "paid"} if due else ()
        return any(reward.order_id in paid for reward in due)


class _Index:
    """The books by what they are looked up by."""

    def __init__(self, books: Books) -> None:
        self.programmes = {history.programme_id: history for history in books.programmes}
        self.advocates = {advocate.advocate_id: advocate for advocate in books.advocates}
        self.claims_by_id = {claim.claim_id: claim for claim in books.claims}
        self.claims = _grouped(books.claims, lambda claim: (claim.programme_id, claim.person_id))
        self.orders = _grouped(books.orders, lambda order: (order.programme_id, order.person_id))
        self.referrals = _grouped(books.referrals, lambda referral: (referral.programme_id, referral.person_id))
        self.rewards = _grouped(books.rewards, lambda reward: (reward.programme_id, reward.person_id))


def settle(cases: Iterable[CaseKey], books: Books, *, test_mode: bool, at: datetime, new_id: NewId) -> Settled:
    """Decide every case anew and answer with what changes."""
    index = _Index(books)
    settled = Settled(verdicts=[], referrals=[], moves=[], adjusted=[])
    for case in cases:
        _Case(case, index, test_mode, at, new_id, settled).settle()
    return settled


class _Case:
    """One friend in one programme, while it is being settled."""

    def __init__(
        self, key: CaseKey, index: _Index, test_mode: bool, at: datetime, new_id: NewId, settled: Settled
    ) -> None:
        self.programme_id, self.person_id = key
        self.index = index
        self.at = at
        self.new_id = new_id
        self.settled = settled
        self.history = index.programmes.get(self.programme_id)
        self.claims: list[Claim] = sorted(
            index.claims.get(key, ()), key=lambda claim: (claim.claimed_at, claim.claim_id)
        )
        self.orders: list[Order] = sorted(
            index.orders.get(key, ()), key=lambda order: (order.placed_at, order.order_id)
        )
        self.referrals = {referral.advocate_id: referral for referral in index.referrals.get(key, ())}
        self.rewards: dict[RewardKey, Reward] = {
            (reward.referral_id, reward.order_id, reward.side): reward for reward in index.rewards.get(key, ())
        }
        self.verdicts = self._judged(test_mode)

    def settle(self) -> None:
        self.settled.verdicts.extend(self.verdicts.values())
        names = {referral.advocate_id: referral.referral_id for referral in self.referrals.values()}
        for advocate_id in self._advocates():
            names.setdefault(advocate_id, ReferralId(self.new_id()))
        self._settle_rewards(names)
        for advocate_id in self._advocates():
            self._settle_referral(advocate_id, names[advocate_id])

    def _judged(self, test_mode: bool) -> dict[OrderId, Verdict]:
        verdicts = {
            order.order_id: judge(
                order, history=self.history, advocate=self._advocate(order.advocate_id),
                claim=self._claim_of(order), test_mode=test_mode,
            )
            for order in self.orders
        }  # fmt: skip
        winner: OrderId | None = None
        for order_id, verdict in verdicts.items():
            if verdict.outcome != "earns" or verdict.offer is None or not verdict.offer.first_order_only:
                continue
            if winner is None:
                winner = order_id
            else:
                verdicts[order_id] = outranked(verdict, winner)
        return verdicts

    def _claim_of(self, order: Order) -> Claim | None:
        """The claim that the order names, else the friend's earliest claim of this advocate in force at the order."""
        if order.claim_id is not None:
            named = self.index.claims_by_id.get(order.claim_id)
            if named is not None and named.advocate_id == order.advocate_id:
                return named
        for claim in self.claims:
            started = claim.claimed_at.replace(microsecond=0) <= order.placed_at
            if claim.advocate_id == order.advocate_id and started and order.placed_at < claim.expires_at:
                return claim
        return None

    def _advocate(self, advocate_id: AdvocateId | None) -> Advocate | None:
        advocate = self.index.advocates.get(advocate_id) if advocate_id is not None else None
        return advocate if advocate is not None and advocate.programme_id == self.programme_id else None

    def _advocates(self) -> list[AdvocateId]:
        """Everybody known who has a part in this case, in a stable order."""
        named = [order.advocate_id for order in self.orders] + [claim.advocate_id for claim in self.claims]
        known = {name for name in named if self.history is not None and self._advocate(name) is not None}
        return sorted({name for name in known if name is not None} | set(self.referrals))

    def _settle_rewards(self, names: dict[AdvocateId, ReferralId]) -> None:
        wanted: set[RewardKey] = set()
        for order in self.orders:
            verdict = self.verdicts[order.order_id]
            if verdict.outcome != "earns" or order.advocate_id is None:
                continue
            for side in SIDES:
                if verdict.earns(side):
                    key = (names[order.advocate_id], order.order_id, side)
                    wanted.add(key)
                    self._earn(key, order, verdict, side)
        for key, reward in list(self.rewards.items()):
            if key not in wanted and reward.active:
                self._moved(reward.reverse(self._why_not(reward), self.at))

    def _why_not(self, reward: Reward) -> Reason:
        verdict = self.verdicts.get(reward.order_id)
        if verdict is None or verdict.advocate_id != reward.advocate_id:
            return because("attributed_elsewhere")
        return verdict.reason if verdict.outcome != "earns" else because("nothing_to_reward")

    def _earn(self, key: RewardKey, order: Order, verdict: Verdict, side: Side) -> None:
        offer = verdict.offer
        if offer is None:
            return
        reward, amount, why = self.rewards.get(key), verdict.earns(side), verdict.why(side)
        approve_after = order.placed_at + timedelta(days=offer.hold_days)
        if reward is None:
            reward = self._new_reward(key[0], order, verdict, side, approve_after)
            self._moved((reward, reward.started(why)))
            return
        terms = replace(
            reward, approve_after=approve_after, offer_version=offer.version, first_order_only=offer.first_order_only
        )
        if not reward.active:
            self._moved(terms.reinstate(amount, why, self.at))
        elif reward.amount_minor != amount:
            self._moved(terms.reprice(amount, why, self.at))
        elif terms != reward and reward.state == "pending":
            self.rewards[key] = terms
            self.settled.adjusted.append(terms)

    def _new_reward(
        self, referral_id: ReferralId, order: Order, verdict: Verdict, side: Side, approve_after: datetime
    ) -> Reward:
        offer, why = verdict.offer, verdict.why(side)
        advocate = self._advocate(order.advocate_id)
        if offer is None or advocate is None:
            raise ValueError("Only an order that earns has rewards.")
        return Reward(
            reward_id=RewardId(self.new_id()), revision=1, programme_id=self.programme_id,
            offer_version=offer.version, referral_id=referral_id, advocate_id=advocate.advocate_id,
            order_id=order.order_id, person_id=self.person_id, side=side,
            customer_id=advocate.customer_id if side == "advocate" else order.customer_id,
            state="pending", amount_minor=verdict.earns(side), currency=offer.currency,
            reason_code=why.code, reason=why.sentence, approve_after=approve_after,
            first_order_only=offer.first_order_only, earned_at=self.at, changed_at=self.at,
        )  # fmt: skip

    def _moved(self, done: tuple[Reward, Step]) -> None:
        reward, step = done
        self.rewards[reward.referral_id, reward.order_id, reward.side] = reward
        self.settled.moves.append(Move(reward, step))

    def _settle_referral(self, advocate_id: AdvocateId, referral_id: ReferralId) -> None:
        orders = [order for order in self.orders if order.advocate_id == advocate_id]
        claims = [claim for claim in self.claims if claim.advocate_id == advocate_id]
        state, deciding, why = self._standing(advocate_id, referral_id, orders, claims)
        claim_id: ClaimId | None = claims[0].claim_id if claims else None
        before = self.referrals.get(advocate_id)
        if before is None:
            friend_id = claims[0].friend_id if claims else orders[0].customer_id
            referral = Referral(
                referral_id=referral_id, revision=1, programme_id=self.programme_id, advocate_id=advocate_id,
                friend_id=friend_id, person_id=self.person_id, claim_id=claim_id, order_id=deciding, state=state,
                reason_code=why.code, reason=why.sentence, created_at=self.at, changed_at=self.at,
            )  # fmt: skip
            self.settled.referrals.append(referral)
            return
        after = before.became(state, deciding, claim_id, why, self.at)
        if after is not before:
            self.settled.referrals.append(after)

    def _standing(
        self, advocate_id: AdvocateId, referral_id: ReferralId, orders: list[Order], claims: list[Claim]
    ) -> tuple[ReferralState, OrderId | None, Reason]:
        earning = [order for order in orders if self.verdicts[order.order_id].outcome == "earns"]
        if earning:
            verdict = self.verdicts[earning[0].order_id]
            if self._approved(referral_id, earning):
                return "completed", verdict.order_id, because("hold_over")
            return "ordered", verdict.order_id, verdict.reason
        if orders:
            verdict = self.verdicts[orders[-1].order_id]
            undone: ReferralState = "refused" if verdict.outcome == "refused" else "reversed"
            return undone, verdict.order_id, verdict.reason
        if claims:
            advocate = self._advocate(advocate_id)
            if advocate is not None and self.person_id == advocate.person_id:
                return "refused", None, because("self_referral")
            return "claimed", None, because("deal_claimed")
        return "reversed", None, because("attributed_elsewhere")

    def _approved(self, referral_id: ReferralId, earning: list[Order]) -> bool:
        kept = [self.rewards.get((referral_id, order.order_id, side)) for order in earning for side in SIDES]
        return any(reward is not None and reward.state in ("approved", "issued") for reward in kept)


T = TypeVar("T")


def _grouped(things: Iterable[T], key: Callable[[T], tuple[object, object]]) -> dict[tuple[object, object], list[T]]:
    groups: dict[tuple[object, object], list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups
