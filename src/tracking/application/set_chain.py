"""Set a programme's chain in force from a moment on. What was in force is never changed."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.ids import ProgrammeId, ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution import Chain, Plan
from tracking.domain.attribution.chain import next_chain
from tracking.domain.attribution.steering import NoDraft
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class SetPlan(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    plan: Plan | None
    """None: the draft."""
    since: datetime | None
    """None: from now on."""
    by: str


@dataclass(frozen=True, slots=True)
class SetChain:
    """Make the plan, or the draft, the programme's next version. The draft is used up."""

    begin: BeginWork

    async def __call__(self, command: SetPlan) -> Chain:
        async with self.begin(command.shop_id) as work:
            await work.chains.expect(command.programme_id)
            before = await work.chains.of(command.programme_id)
            plan = command.plan or await work.chains.draft(command.programme_id)
            if plan is None:
                raise NoDraft(pointer="/plan")
            plan.check("/plan")
            now = work.now()
            chain = next_chain(before, command.programme_id, plan, command.since, now)
            await work.chains.add(chain, command.by)
            await work.chains.save_draft(command.programme_id, None)
            work.publish(
                AttributionSteered(
                    action="chain.set",
                    key_id=command.by,
                    at=now,
                    programme_id=chain.programme_id,
                    rules_version=chain.version,
                )
            )
            await rebook_placed_from(work, chain.since)
        return chain
