"""Edit a programme: its title at any time, its terms while it is a draft."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ProgrammeId, ShopId
from referral.domain.programme import Programme
from referral.domain.terms import Terms
from referral.ports import BeginWork


class EditProgramme(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    revision: int | None
    """The revision that the edit was made on; None overwrites whatever there is."""
    title: str | None = None
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class EditProgrammeHandler:
    begin: BeginWork

    async def __call__(self, command: EditProgramme) -> Programme:
        async with self.begin(command.shop_id) as work:
            programme = await work.programmes.for_update(command.programme_id)
            programme.expect(command.revision)
            terms = command.terms.traded_in(work.currency) if command.terms else None
            edited, event = programme.edit(title=command.title, terms=terms)
            await work.programmes.save(edited, event)
        return edited
