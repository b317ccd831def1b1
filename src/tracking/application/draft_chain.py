"""Keep a draft of a programme's next chain."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ProgrammeId, ShopId
from tracking.domain.attribution import Plan
from tracking.ports import BeginWork


class DraftPlan(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    plan: Plan


@dataclass(frozen=True, slots=True)
class DraftChain:
    """Keep a plan as the programme's draft, in the place of the one before; refuses one that could not be set."""

    begin: BeginWork

    async def __call__(self, command: DraftPlan) -> None:
        command.plan.check()
        async with self.begin(command.shop_id) as work:
            await work.chains.expect(command.programme_id)
            await work.chains.save_draft(command.programme_id, command.plan)
