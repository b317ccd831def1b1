"""Exempt a code from what is done about coupon sites, and have it watched again."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.codes import normalise
from kernel.ids import ShopId
from tracking.domain.attribution.coupon_site import AlertNotFound, Exemption, Settled
from tracking.domain.attribution.steering import given_reason
from tracking.events import AttributionSteered
from tracking.ports import BeginWork, Work


class Exempt(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    code: str
    """As typed."""
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ExemptCode:
    """The code credits its advocate however many strangers use it; an alert about it is released.

    Refuses a code that no advocate has. One that is exempt gets another reason. Gives the code as stored.
    """

    begin: BeginWork

    async def __call__(self, command: Exempt) -> str:
        reason, code = given_reason(command.reason), normalise(command.code)
        async with self.begin(command.shop_id) as work:
            await work.orders.lock()
            advocate = await work.codes.owner(code)
            now = work.now()
            await work.codes.exempt(Exemption(code=code, reason=reason, by=command.by, at=now))
            await self._release(work, Settled(code=code, state="released", reason=reason, by=command.by, at=now))
            work.publish(
                AttributionSteered(
                    action="code.exempted",
                    key_id=command.by,
                    at=now,
                    programme_id=advocate.programme_id,
                    advocate_id=advocate.advocate_id,
                    code=code,
                )
            )
        return code

    async def _release(self, work: Work, settled: Settled) -> None:
        try:
            alert = await work.codes.alert(settled.code)
        except AlertNotFound:
            return
        if alert.state != "released":
            await work.codes.settle(settled)
            work.codes.decide_later(alert.code, alert.tripped_at)
