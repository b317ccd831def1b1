"""Messages and what became of them, newest first."""

from dataclasses import dataclass

from engagement.ports import BeginWork, MessageFilter, MessageRow
from kernel.ids import ShopId


@dataclass(frozen=True, slots=True)
class ListMessages:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, wanted: MessageFilter) -> list[MessageRow]:
        async with self.begin(shop_id) as work:
            return await work.messages.page(wanted)
