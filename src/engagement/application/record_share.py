"""An advocate passed the deal on."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from engagement.domain.deal import UnknownAdvocate
from engagement.domain.sharing import Share
from engagement.events import Channel
from engagement.ports import BeginWork
from kernel.ids import AdvocateId, ShopId


class RecordShareOf(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    advocate_id: AdvocateId
    channel: Channel
    locale: str | None


@dataclass(frozen=True, slots=True)
class RecordShare:
    """Stores the share and publishes DealShared. Raises UnknownAdvocate."""

    begin: BeginWork
    new_id: Callable[[], UUID]

    async def __call__(self, command: RecordShareOf) -> Share:
        async with self.begin(command.shop_id) as work:
            try:
                advocate = await work.advocates.get(command.advocate_id)
            except UnknownAdvocate:
                raise UnknownAdvocate(pointer="/advocate_id") from None
            share = Share(
                share_id=self.new_id(),
                advocate_id=advocate.advocate_id,
                channel=command.channel,
                locale=command.locale or work.shop.default_locale,
                shared_at=work.now(),
            )
            await work.shares.add(share)
        return share
