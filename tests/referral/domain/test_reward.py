"""A reward's moves and the ledger transfers they make."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from referral.domain.ledger import transfer_of
from referral.domain.reasons import because
from referral.domain.reward import MOVES, Reward, RewardMoveRefused, Step
from tests.referral.made import PROGRAMME, START, named

WHY = because("hold_over")


def reward(**changes: Any) -> Reward:
    usual: dict[str, Any] = {
        "reward_id": named("reward"), "revision": 1, "programme_id": PROGRAMME, "offer_version": 1,
        "referral_id": named("referral"), "advocate_id": named("advocate Ada"), "order_id": named("order 1"),
        "person_id": named("person Ben"), "side": "advocate", "customer_id": named("customer Ada"),
        "state": "pending", "amount_minor": 1200, "currency": "EUR", "reason_code": "earned_percent", "reason": "",
        "approve_after": START + timedelta(days=14), "first_order_only": True, "earned_at": START,
        "changed_at": START,
    }  # fmt: skip
    return Reward(**(usual | changes))


def at(days: int) -> Any:
    return START + timedelta(days=days)


def test_its_whole_life_balances() -> None:
    there = reward()
    steps: list[tuple[Reward, Step]] = [(there, there.started(WHY))]
    steps.append(steps[-1][0].reprice(900, WHY, at(1)))
    steps.append(steps[-1][0].approve(WHY, at(14)))
    steps.append(steps[-1][0].issue(WHY, at(14)))
    steps.append(steps[-1][0].reprice(1000, WHY, at(20)))
    steps.append(steps[-1][0].reverse(WHY, at(21)))
    steps.append(steps[-1][0].reinstate(700, WHY, at(22)))
    transfers = [transfer_of(*step) for step in steps]
    assert [(t.debit, t.credit, t.amount_minor) for t in transfers] == [
        ("reward_cost", "pending:advocate", 1200),
        ("pending:advocate", "reward_cost", 300),
        ("pending:advocate", "available", 900),
        ("available", "credit", 900),
        ("reward_cost", "credit", 100),
        ("credit", "reward_cost", 1000),
        ("reward_cost", "pending:advocate", 700),
    ]
    assert [step.revision for _, step in steps] == [1, 2, 3, 4, 5, 6, 7]
    balances: dict[str, int] = {}
    for transfer in transfers:
        balances[transfer.debit] = balances.get(transfer.debit, 0) - transfer.amount_minor
        balances[transfer.credit] = balances.get(transfer.credit, 0) + transfer.amount_minor
    assert sum(balances.values()) == 0
    assert {name: amount for name, amount in balances.items() if amount} == {
        "reward_cost": -700,
        "pending:advocate": 700,
    }


def test_no_move_but_the_known_ones() -> None:
    moves: dict[str, Callable[[Reward], tuple[Reward, Step]]] = {
        "approved": lambda r: r.approve(WHY, at(99)),
        "issued": lambda r: r.issue(WHY, at(99)),
        "reversed": lambda r: r.reverse(WHY, at(99)),
        "pending": lambda r: r.reinstate(500, WHY, at(99)),
    }
    for state, targets in MOVES.items():
        there = reward(state=state, amount_minor=0 if state == "reversed" else 1200)
        for target, move in moves.items():
            if target == state:
                continue
            if target in targets:
                assert move(there)[0].state == target
            else:
                with pytest.raises(RewardMoveRefused):
                    move(there)


def test_nothing_is_approved_before_its_time() -> None:
    with pytest.raises(RewardMoveRefused):
        reward().approve(WHY, at(13))


@pytest.mark.parametrize("amount", [0, -1, 1200])
def test_a_price_that_is_none_is_refused(amount: int) -> None:
    with pytest.raises(RewardMoveRefused):
        reward().reprice(amount, WHY, at(1))
