"""Invite codes and their seats in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from acquisition.domain.claim import CodeTaken
from acquisition.domain.invite import Invite, InviteNotFound
from acquisition.events import InviteCreated, InviteRedeemed
from adapters.shared.postgres.unit import Unit
from kernel.ids import PersonId

FIELDS: Final = (
    "shop_id", "code", "inviter_id", "inviter_person_id", "campaign", "seats", "seats_left", "per_person",
    "valid_from", "expires_at", "created_at",
)  # fmt: skip
_COLUMNS = ", ".join(FIELDS)
_VALUES = ", ".join(f"%({name})s" for name in FIELDS)

GET = f"SELECT {_COLUMNS} FROM invite WHERE shop_id = %(shop_id)s AND code = %(code)s".encode()
LOCK = GET + b" FOR UPDATE"
NEWEST = f"""SELECT {_COLUMNS} FROM invite WHERE shop_id = %(shop_id)s
AND (%(at)s::timestamptz IS NULL OR (created_at, code) < (%(at)s, %(code)s::text))
ORDER BY created_at DESC, code DESC LIMIT %(limit)s""".encode()
ADD = f"""
INSERT INTO invite ({_COLUMNS}, told) SELECT {_VALUES}, true
WHERE NOT EXISTS (SELECT FROM advocate WHERE shop_id = %(shop_id)s AND code = %(code)s)
AND NOT EXISTS (SELECT FROM claim WHERE shop_id = %(shop_id)s AND code = %(code)s)
ON CONFLICT DO NOTHING
""".encode()
UNTOLD = f"""SELECT {_COLUMNS} FROM invite WHERE shop_id = %(shop_id)s AND NOT told
ORDER BY code LIMIT %(most)s FOR UPDATE""".encode()
TOLD = b"UPDATE invite SET told = true WHERE shop_id = %s AND code = ANY(%s)"
SHOPS_WITH_UNTOLD = "SELECT DISTINCT shop_id FROM invite WHERE NOT told"
SEATS_OF = b"SELECT count(*) FROM invite_seat WHERE shop_id = %s AND code = %s AND person_id = %s"
TAKE_SEAT = b"""
WITH left_over AS (
    UPDATE invite SET seats_left = %(seats_left)s WHERE shop_id = %(shop_id)s AND code = %(code)s RETURNING seats
)
INSERT INTO invite_seat (shop_id, code, seat, customer_id, person_id, taken_at)
SELECT %(shop_id)s, %(code)s, seats - %(seats_left)s, %(customer_id)s, %(person_id)s, %(taken_at)s FROM left_over
"""


class PostgresInvites:
    """See `acquisition.ports.Invites`. The seat's number is unique, so no seat is ever taken twice."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, invite: Invite, event: InviteCreated) -> None:
        added = await self._unit.raw.execute(ADD, {name: getattr(invite, name) for name in FIELDS})
        if not added.rowcount:
            raise CodeTaken(pointer="/code")
        self._unit.publish(event)

    async def get(self, code: str) -> Invite:
        return await self._one(GET, code)

    async def for_update(self, code: str) -> Invite:
        return await self._one(LOCK, code)

    async def untold(self, most: int) -> Sequence[Invite]:
        values = {"shop_id": self._unit.shop_id, "most": most}
        return [_invite(row) for row in await (await self._unit.raw.execute(UNTOLD, values)).fetchall()]

    async def tell(self, events: Sequence[InviteCreated]) -> None:
        await self._unit.raw.execute(TOLD, (self._unit.shop_id, [event.code for event in events]))
        self._unit.publish(*events)

    async def newest(self, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[Invite]:
        at, code = before or (None, None)
        values = {"shop_id": self._unit.shop_id, "at": at, "code": code, "limit": limit}
        return [_invite(row) for row in await (await self._unit.raw.execute(NEWEST, values)).fetchall()]

    async def seats_of(self, code: str, person_id: PersonId) -> int:
        row = await (await self._unit.raw.execute(SEATS_OF, (self._unit.shop_id, code, person_id))).fetchone()
        return int(row[0]) if row else 0

    async def save(self, invite: Invite, event: InviteRedeemed, person_id: PersonId) -> None:
        await self._unit.raw.execute(
            TAKE_SEAT,
            {
                "shop_id": self._unit.shop_id,
                "code": invite.code,
                "seats_left": invite.seats_left,
                "customer_id": event.customer_id,
                "person_id": person_id,
                "taken_at": event.redeemed_at,
            },
        )
        self._unit.publish(event)

    async def _one(self, statement: bytes, code: str) -> Invite:
        values = {"shop_id": self._unit.shop_id, "code": code}
        row = await (await self._unit.raw.execute(statement, values)).fetchone()
        if row is None:
            raise InviteNotFound(pointer="/code")
        return _invite(row)


def _invite(row: tuple[Any, ...]) -> Invite:
    return Invite(**dict(zip(FIELDS, row, strict=True)))
