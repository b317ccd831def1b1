"""Someone redeems an invite code."""

from dataclasses import dataclass

from msgspec import Struct

from acquisition.domain.person import Person
from acquisition.ports import BeginWork, IdentifyPerson
from kernel.codes import normalise
from kernel.ids import CustomerId, ShopId


class RedeemInvite(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    code: str
    """As typed."""
    person: Person


class Redemption(Struct, frozen=True, kw_only=True):
    code: str
    customer_id: CustomerId
    inviter_id: CustomerId | None
    campaign: str
    seats_left: int


@dataclass(frozen=True, slots=True)
class RedeemInviteCode:
    begin: BeginWork
    identify: IdentifyPerson

    async def __call__(self, command: RedeemInvite) -> Redemption:
        person = command.person.named("/customer")
        code = normalise(command.code)
        async with self.begin(command.shop_id) as work:  # first: of whom no invite is for nothing is kept
            invite = await work.invites.get(code)
            invite.check_period(work.now())
        friend = await self.identify(command.shop_id, person, keep=not invite.used_up)
        async with self.begin(command.shop_id) as work:
            if not invite.used_up:  # else it stays as it was: nobody new was kept
                invite = await work.invites.for_update(code)
            already = await work.invites.seats_of(code, friend.person_id)
            redeemed, event = invite.redeem(
                by=friend.customer_id, person_id=friend.person_id, already=already, at=work.now()
            )
            await work.invites.save(redeemed, event, friend.person_id)
        return Redemption(
            code=code,
            customer_id=friend.customer_id,
            inviter_id=redeemed.inviter_id,
            campaign=redeemed.campaign,
            seats_left=redeemed.seats_left,
        )
