"""Draft a programme: a title and terms, not yet seen by anybody."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import OfferId, ProgrammeId, ShopId
from referral.domain.programme import Programme
from referral.domain.terms import Terms
from referral.ports import BeginWork, NewId


class DraftProgramme(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    title: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class DraftProgrammeHandler:
    begin: BeginWork
    new_id: NewId

    async def __call__(self, command: DraftProgramme) -> Programme:
        async with self.begin(command.shop_id) as work:
            programme, event = Programme.draft(
                shop_id=command.shop_id,
                programme_id=ProgrammeId(self.new_id()),
                offer_id=OfferId(self.new_id()),
                title=command.title,
                terms=command.terms.traded_in(work.currency),
                at=work.now(),
            )
            await work.programmes.add(programme, event)
        return programme
