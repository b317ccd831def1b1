"""Put new terms of a launched programme in force; claimed deals keep the terms they were claimed under."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import OfferId, ProgrammeId, ShopId
from referral.domain.programme import Programme
from referral.domain.terms import Terms
from referral.ports import BeginWork, NewId


class AddOffer(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    revision: int | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class AddOfferHandler:
    begin: BeginWork
    new_id: NewId

    async def __call__(self, command: AddOffer) -> Programme:
        async with self.begin(command.shop_id) as work:
            programme = await work.programmes.for_update(command.programme_id)
            programme.expect(command.revision)
            changed, event = programme.add_offer(OfferId(self.new_id()), command.terms, work.now())
            await work.programmes.save(changed, event)
        return changed
