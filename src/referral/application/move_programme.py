"""Move a programme on: launch, pause, resume or end it."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from kernel.ids import ProgrammeId, ShopId
from referral.domain.programme import Programme
from referral.ports import BeginWork

Move = Literal["launch", "pause", "resume", "end"]


class MoveProgramme(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    revision: int | None
    move: Move


@dataclass(frozen=True, slots=True)
class MoveProgrammeHandler:
    begin: BeginWork

    async def __call__(self, command: MoveProgramme) -> Programme:
        async with self.begin(command.shop_id) as work:
            programme = await work.programmes.for_update(command.programme_id)
            programme.expect(command.revision)
            decide = {
                "launch": programme.launch,
                "pause": programme.pause,
                "resume": programme.resume,
                "end": programme.end,
            }[command.move]
            moved, event = decide(work.now())
            await work.programmes.save(moved, event)
        return moved
