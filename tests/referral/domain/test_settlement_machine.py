"""Any order, repetition or delay of the facts ends in the same state, and every cent adds up.

The books here are plain dictionaries around the pure decision; the same is run against the real database
in tests/referral/adapters.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from referral.domain.facts import Claim, Order
from referral.domain.ledger import REWARD_COST, Transfer, account
from referral.domain.reasons import because
from referral.domain.referral import Referral
from referral.domain.reward import Reward, Step
from referral.domain.settlement import Books, Move, settle
from tests.referral.expected import Fact, claims_of, expected, orders_of, revisions
from tests.referral.made import PROGRAMME, START, advocate, claim, history, order, terms

ADVOCATES = ("Ada", "Cleo")
FRIENDS = ("Ben", "Dora", "Ada")
TERMS = ((START, terms()), (START + timedelta(days=2), terms(advocate_reward=terms().friend_deal)))


class PlainBooks:
    """What the database keeps, as dictionaries."""

    def __init__(self) -> None:
        self.orders: dict[UUID, Order] = {}
        self.claims: dict[UUID, Claim] = {}
        self.referrals: dict[UUID, Referral] = {}
        self.rewards: dict[UUID, Reward] = {}
        self.steps: list[Step] = []
        self.transfers: list[Transfer] = []
        self._ids = 0

    def hear(self, fact: Fact, at: datetime) -> None:
        if isinstance(fact, Claim):
            self.claims[fact.claim_id] = fact
        elif fact.order_id not in self.orders or self.orders[fact.order_id].revision < fact.revision:
            self.orders[fact.order_id] = fact
        cases = {
            (PROGRAMME, person)
            for person in (
                *(order.person_id for order in self.orders.values()),
                *(claim.person_id for claim in self.claims.values()),
                *(reward.person_id for reward in self.rewards.values()),
            )
        }
        books = Books(
            orders=list(self.orders.values()), claims=list(self.claims.values()), programmes=[history(*TERMS)],
            advocates=[advocate(name) for name in ADVOCATES], referrals=list(self.referrals.values()),
            rewards=list(self.rewards.values()),
        )  # fmt: skip
        settled = settle(sorted(cases), books, test_mode=False, at=at, new_id=self._new_id)
        self.referrals |= {each.referral_id: each for each in settled.referrals}
        self.rewards |= {each.reward_id: each for each in settled.adjusted}
        self._post(settled.moves)

    def approve(self, now: datetime) -> None:
        for reward in list(self.rewards.values()):
            there = self.orders[reward.order_id]
            if reward.state == "pending" and reward.approve_after <= now and there.payment == "paid":
                approved = Move(*reward.approve(because("hold_over"), now))
                self._post([approved, Move(*approved.reward.issue(because("credit_issued"), now))])

    def _post(self, moves: list[Move]) -> None:
        for move in moves:
            self.rewards[move.reward.reward_id] = move.reward
            self.steps.append(move.step)
            self.transfers.append(move.transfer())

    def _new_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def active(self) -> dict[tuple[UUID, str], tuple[UUID, int]]:
        return {
            (each.order_id, each.side): (each.advocate_id, each.amount_minor)
            for each in self.rewards.values()
            if each.active
        }

    def balances(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for each in self.transfers:
            sums[each.debit] = sums.get(each.debit, 0) - each.amount_minor
            sums[each.credit] = sums.get(each.credit, 0) + each.amount_minor
        return {name: amount for name, amount in sums.items() if amount}


class Facts(RuleBasedStateMachine):
    pool = Bundle("pool")

    @initialize()
    def begin(self) -> None:
        self.books = PlainBooks()
        self.told: list[Fact] = []
        self.now = START
        self.latest: dict[int, Order] = {}
        self.seen: dict[UUID, Order] = {}

    @rule(target=pool, number=st.integers(1, 4), friend=st.sampled_from(FRIENDS), by=st.sampled_from(ADVOCATES),
          base=st.sampled_from([3999, 4000, 12000, 90000]))  # fmt: skip
    def place(self, number: int, friend: str, by: str, base: int) -> Fact:
        if number not in self.latest:
            self.latest[number] = order(
                friend, number=number, credited_to=by, base_minor=base, final_base_minor=base,
                placed_at=START + timedelta(days=number),
            )  # fmt: skip
        return self._fact(self.latest[number])

    @rule(target=pool, number=st.integers(1, 4), change=revisions(ADVOCATES))
    def revise(self, number: int, change: dict[str, Any]) -> Fact:
        if number not in self.latest:
            return self._fact(order(number=number, placed_at=START + timedelta(days=number)), keep=number)
        there = self.latest[number]
        # Money that came may be paid back or voided, which is said as such; it is never merely awaited again. What was
        # approved on it stays approved, so such a report would end differently before and after the approval.
        awaited = change.get("payment") == "pending" and there.payment != "pending"
        self.latest[number] = replace(there, revision=there.revision + 1, **({} if awaited else change))
        return self._fact(self.latest[number])

    @rule(target=pool, number=st.integers(1, 3), friend=st.sampled_from(FRIENDS), by=st.sampled_from(ADVOCATES),
          day=st.integers(0, 4))  # fmt: skip
    def claims(self, number: int, friend: str, by: str, day: int) -> Fact:
        there = next((each for each in claims_of(self.told) if each.claim_id == claim(number=number).claim_id), None)
        return there or self._fact(claim(friend, of=by, number=number, at=START + timedelta(days=day)))

    @rule(fact=pool)
    def deliver(self, fact: Fact) -> None:
        self.books.hear(fact, self.now)
        if isinstance(fact, Order):
            known = self.seen.get(fact.order_id)
            self.seen[fact.order_id] = fact if known is None or known.revision < fact.revision else known

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def approve(self) -> None:
        self.books.approve(self.now)

    @invariant()
    def every_cent_adds_up(self) -> None:
        balances = self.books.balances()
        assert sum(balances.values()) == 0
        by_account: dict[str, int] = {}
        for reward in self.books.rewards.values():
            if reward.active:
                name = account(reward.state, reward.side)
                by_account[name] = by_account.get(name, 0) + reward.amount_minor
        if by_account:
            by_account[REWARD_COST] = -sum(by_account.values())
        assert balances == by_account

    @invariant()
    def nothing_twice(self) -> None:
        active = [(r.programme_id, r.order_id, r.side) for r in self.books.rewards.values() if r.active]
        assert len(active) == len(set(active))
        friends = [(r.person_id, r.side) for r in self.books.rewards.values() if r.active and r.first_order_only]
        assert len(friends) == len(set(friends))
        steps = [(step.reward_id, step.revision) for step in self.books.steps]
        assert len(steps) == len(set(steps))

    @invariant()
    def rewards_are_those_of_the_final_orders(self) -> None:
        wanted = expected(list(self.seen.values()), list(self.books.claims.values()), TERMS)
        assert self.books.active() == wanted

    def teardown(self) -> None:
        """All facts, in any order and late, end where the sorted unique ones end."""
        if not hasattr(self, "books"):
            return
        for fact in self.told:
            self.books.hear(fact, self.now)
        tidy = PlainBooks()
        for order_fact in sorted(orders_of(self.told), key=lambda each: (each.order_id, each.revision)):
            tidy.hear(order_fact, START)
        for claim_fact in claims_of(self.told):
            tidy.hear(claim_fact, START)
        far = self.now + timedelta(days=400)
        for books in (self.books, tidy):
            books.approve(far)
        assert self.books.active() == tidy.active()
        assert self._states(self.books) == self._states(tidy)

    @staticmethod
    def _states(books: PlainBooks) -> Any:
        rewards = {(r.order_id, r.side, r.advocate_id): r.state for r in books.rewards.values() if r.active}
        referrals = {
            (r.person_id, r.advocate_id): (r.order_id, r.state if r.state != "completed" else "ordered")
            for r in books.referrals.values()
            if r.reason_code != "attributed_elsewhere"
        }
        return rewards, referrals

    def _fact(self, fact: Fact, keep: int | None = None) -> Fact:
        if keep is not None:
            self.latest[keep] = fact  # type: ignore[assignment]
        self.told.append(fact)
        return fact


Facts.TestCase.pytestmark = [  # type: ignore[attr-defined]
    pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # other tests' app draws beside the strategies
]
Facts.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestFacts = Facts.TestCase
