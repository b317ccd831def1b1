"""The ledger: double entry, append-only. One transfer moves an amount from the debited to the credited account.

A transfer is one row with both accounts, so every ledger sums to zero by construction. Each step of a
reward makes at most one transfer, identified by (reward, revision). Accounts are counted per customer:

    reward_cost         what rewards cost the shop (a debit balance)
    pending:advocate    earned by advocates, waiting for the end of the return period
    pending:friend      the same for friends
    available           approved, to be issued
    credit              issued to the customer
"""

from datetime import datetime

from msgspec import Struct

from kernel.ids import CustomerId, RewardId
from referral.domain.reward import Reward, State, Step

REWARD_COST = "reward_cost"


class Transfer(Struct, frozen=True, kw_only=True):
    reward_id: RewardId
    revision: int
    debit: str
    credit: str
    customer_id: CustomerId
    amount_minor: int
    """Above zero."""
    currency: str
    change: str
    at: datetime


def account(state: State, side: str) -> str:
    """Where the amount of an active reward stands."""
    return {"pending": f"pending:{side}", "approved": "available", "issued": "credit"}[state]


def transfer_of(reward: Reward, step: Step) -> Transfer:
    """The transfer that a step of `reward` makes."""
    delta = step.amount_minor - step.previous_amount_minor
    if delta == 0:
        debit, credit = account(step.previous_state or "pending", reward.side), account(step.state, reward.side)
        delta = step.amount_minor
    elif delta > 0:
        debit, credit = REWARD_COST, account(step.state, reward.side)
    else:
        debit, credit = account(step.previous_state or "pending", reward.side), REWARD_COST
    return Transfer(
        reward_id=step.reward_id, revision=step.revision, debit=debit, credit=credit,
        customer_id=reward.customer_id, amount_minor=abs(delta), currency=reward.currency,
        change=step.change, at=step.at,
    )  # fmt: skip
