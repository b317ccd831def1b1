"""Approve and issue what is due: pending rewards of paid orders whose return period is over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kernel.ids import ShopId
from referral.domain.reasons import because
from referral.domain.referral import Referral
from referral.domain.settlement import Move
from referral.ports import BeginWork, Due

AT_ONCE: Final = 500
"""Rewards in one transaction."""


@dataclass(frozen=True, slots=True)
class ApproveDue:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId) -> int:
        """Number of rewards issued. Safe to run twice, at the same time too."""
        issued = 0
        while True:
            done = await self._some(shop_id)
            issued += done
            if done < AT_ONCE:
                return issued

    async def _some(self, shop_id: ShopId) -> int:
        async with self.begin(shop_id) as work:
            now = work.now()
            due = await work.books.due(now, AT_ONCE)
            if not due.rewards:
                return 0
            approved = [Move(*reward.approve(because("hold_over"), now)) for reward in due.rewards]
            issued = [Move(*move.reward.issue(because("credit_issued"), now)) for move in approved]
            await work.books.post(approved, [])
            await work.books.post(issued, _completed(due, now))
        return len(due.rewards)


def _completed(due: Due, now: datetime) -> list[Referral]:
    return [
        referral.became("completed", referral.order_id, referral.claim_id, because("hold_over"), now)
        for referral in due.referrals
        if referral.state == "ordered"
    ]
