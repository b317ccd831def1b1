"""Tell of invite codes that were made before others heard of invite codes: some at a time, each once."""

from dataclasses import dataclass
from typing import Final

from acquisition.ports import BeginWork
from kernel.ids import ShopId

MOST_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class TellOldInvites:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId) -> bool:
        """Whether there may be more."""
        async with self.begin(shop_id) as work:
            untold = await work.invites.untold(MOST_AT_ONCE)
            await work.invites.tell([invite.created() for invite in untold])
        return len(untold) == MOST_AT_ONCE
