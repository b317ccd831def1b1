"""A person says what a code that tripped really is: blocked for good, or released. Its orders are decided again."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from kernel.codes import normalise
from kernel.ids import ShopId
from tracking.domain.attribution.coupon_site import AlertSettled, Settled
from tracking.domain.attribution.steering import given_reason
from tracking.events import AttributionSteered
from tracking.ports import BeginWork


class Verdict(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    code: str
    """As typed."""
    state: Literal["blocked", "released"]
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class SettleAlert:
    """A released code credits its advocate again, for the orders in between too, and is watched no more."""

    begin: BeginWork

    async def __call__(self, command: Verdict) -> None:
        reason = given_reason(command.reason)
        async with self.begin(command.shop_id) as work:
            await work.orders.lock()
            alert = await work.codes.alert(normalise(command.code))
            if alert.state == command.state:
                raise AlertSettled
            settled = Settled(code=alert.code, state=command.state, reason=reason, by=command.by, at=work.now())
            await work.codes.settle(settled)
            work.codes.decide_later(alert.code, alert.tripped_at)
            work.publish(
                AttributionSteered(
                    action="code.blocked" if command.state == "blocked" else "code.released",
                    key_id=command.by,
                    at=settled.at,
                    programme_id=alert.programme_id,
                    advocate_id=alert.advocate_id,
                    code=alert.code,
                )
            )
