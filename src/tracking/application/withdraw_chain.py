"""Withdraw a version of a programme's chain before it comes into force."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ProgrammeId, ShopId
from tracking.application.order_book import rebook_placed_from
from tracking.domain.attribution.chain import withdrawn
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class TakeOff(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    version: int
    by: str


@dataclass(frozen=True, slots=True)
class WithdrawChain:
    """What stood before it goes on deciding. One that has come into force is refused: its orders keep their chain."""

    begin: BeginWork

    async def __call__(self, command: TakeOff) -> None:
        async with self.begin(command.shop_id) as work:
            await work.chains.expect(command.programme_id)
            now = work.now()
            chain = withdrawn(await work.chains.of(command.programme_id), command.version, command.by, now)
            await work.chains.withdraw(chain)
            work.publish(
                AttributionSteered(
                    action="chain.withdrawn",
                    key_id=command.by,
                    at=now,
                    programme_id=chain.programme_id,
                    rules_version=chain.version,
                )
            )
            await rebook_placed_from(work, chain.since)
