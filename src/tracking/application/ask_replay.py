"""Ask what another chain would have made of the last days' orders."""

from dataclasses import dataclass
from datetime import timedelta

from msgspec import Struct

from kernel.ids import ProgrammeId, ShopId
from tracking.domain.attribution import Plan
from tracking.domain.attribution.steering import NoDraft
from tracking.domain.replay import Replay, ReplayId
from tracking.ports import BeginWork, NewId


class ReplayAsked(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    plan: Plan | None
    """None: the draft."""
    days: int
    by: str


@dataclass(frozen=True, slots=True)
class AskReplay:
    """Answers at once; the replay runs after it, some orders at a time, and has no effect."""

    begin: BeginWork
    new_id: NewId

    async def __call__(self, command: ReplayAsked) -> ReplayId:
        async with self.begin(command.shop_id) as work:
            await work.chains.expect(command.programme_id, "/programme_id")
            plan = command.plan or await work.chains.draft(command.programme_id)
            if plan is None:
                raise NoDraft(pointer="/plan")
            plan.check("/plan")
            until = work.now()
            replay = Replay(
                replay_id=ReplayId(self.new_id()),
                programme_id=command.programme_id,
                plan=plan,
                since=until - timedelta(days=command.days),
                until=until,
            )
            await work.replays.add(replay, command.by)
        return replay.replay_id
