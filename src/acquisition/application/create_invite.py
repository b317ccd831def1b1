"""A shop makes an invite code, for a customer who invites or for a campaign."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from acquisition.domain.claim import CodeTaken, Friend
from acquisition.domain.invite import InvalidInvite, Invite, chosen_code, moment
from acquisition.domain.person import Person
from acquisition.ports import BeginWork, IdentifyPerson
from kernel.ids import ShopId

TRIES = 3


class CreateInvite(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    inviter: Person | None
    campaign: str
    seats: int
    per_person: int
    valid_from: datetime | None
    """None: from now on."""
    expires_at: datetime
    code: str = ""
    """The code the shop wants; empty: made here."""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class CreateInviteHandler:
    begin: BeginWork
    identify: IdentifyPerson
    new_code: Callable[[], str]

    async def __call__(self, command: CreateInvite) -> Invite:
        if (command.inviter is None) == (not command.campaign):
            raise InvalidInvite("Name either the customer who invites or the campaign.", pointer="/inviter")
        valid_from = moment(command.valid_from, "/valid_from") if command.valid_from else None
        expires_at = moment(command.expires_at, "/expires_at")
        inviter = await self._inviter(command)
        async with self.begin(command.shop_id) as work:
            for attempt in range(TRIES):
                invite = Invite(
                    shop_id=command.shop_id,
                    code=chosen_code(wanted=command.code, prefix=command.prefix, random=self.new_code()),
                    inviter_id=inviter.customer_id if inviter else None,
                    inviter_person_id=inviter.person_id if inviter else None,
                    campaign=command.campaign,
                    seats=command.seats,
                    seats_left=command.seats,
                    per_person=command.per_person,
                    valid_from=valid_from or work.now(),
                    expires_at=expires_at,
                    created_at=work.now(),
                )
                try:
                    await work.invites.add(invite, invite.created())
                except CodeTaken:
                    if command.code or attempt == TRIES - 1:
                        raise
                    continue
                break
        return invite

    async def _inviter(self, command: CreateInvite) -> Friend | None:
        if command.inviter is None:
            return None
        return await self.identify(command.shop_id, command.inviter.named("/inviter"))
