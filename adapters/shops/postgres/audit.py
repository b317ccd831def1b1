"""The audit log in PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from adapters.shared.postgres.unit import Unit
from adapters.shops.postgres.tables import audit_entry, audit_head
from shops.domain.audit import START, Actor, Entry, Link, Note, enter

_FIRST = insert(audit_head).values(shop_id=bindparam("shop_id"), position=0, seal=START)
# The update that changes nothing locks the head, so that entries of two transactions never take the same position.
LOCK_HEAD = _FIRST.on_conflict_do_update(
    index_elements=[audit_head.c.shop_id], set_={"position": audit_head.c.position}
).returning(audit_head.c.position, audit_head.c.seal)

APPEND = b"""
WITH appended AS (
    INSERT INTO audit_entry (shop_id, position, at, actor_kind, actor_id, action, subject, details, seal)
    SELECT %(shop_id)s, * FROM unnest(%(positions)s::bigint[], %(ats)s::timestamptz[], %(actor_kinds)s::text[],
        %(actor_ids)s::text[], %(actions)s::text[], %(subjects)s::text[], %(details)s::text[], %(seals)s::bytea[])
)
UPDATE audit_head SET position = %(position)s, seal = %(seal)s WHERE shop_id = %(shop_id)s"""

_OF_SHOP = select(audit_entry).where(audit_entry.c.shop_id == bindparam("shop_id")).limit(bindparam("limit"))
NEWEST = _OF_SHOP.order_by(audit_entry.c.position.desc())
OLDER = NEWEST.where(audit_entry.c.position < bindparam("before"))
ONWARDS = _OF_SHOP.where(audit_entry.c.position > bindparam("after")).order_by(audit_entry.c.position)
HEAD = select(audit_head.c.position, audit_head.c.seal).where(audit_head.c.shop_id == bindparam("shop_id"))


class PostgresAudit:
    """See `shops.ports.Audit`."""

    def __init__(self, unit: Unit, key: bytes) -> None:
        self._unit = unit
        self._key = key

    async def enter(self, *notes: Note) -> None:
        if not notes:
            return
        shop_id = self._unit.shop_id
        head = (await self._unit.sql.execute(LOCK_HEAD, {"shop_id": shop_id})).one()
        end = Link(head.position, head.seal)
        entries = []
        for note in notes:
            entry = enter(self._key, shop_id, end, note)
            entries.append(entry)
            end = Link(entry.position, entry.seal)
        await self._unit.raw.execute(APPEND, self._values(entries, end))

    async def page(self, *, before: int | None, limit: int) -> Sequence[Entry]:
        values: dict[str, Any] = {"shop_id": self._unit.shop_id, "limit": limit}
        if before is None:
            return [_entry(row) for row in await self._unit.sql.execute(NEWEST, values)]
        return [_entry(row) for row in await self._unit.sql.execute(OLDER, {**values, "before": before})]

    async def onwards(self, after: int, limit: int) -> Sequence[Entry]:
        values = {"shop_id": self._unit.shop_id, "after": after, "limit": limit}
        return [_entry(row) for row in await self._unit.sql.execute(ONWARDS, values)]

    async def end(self) -> Link:
        head = (await self._unit.sql.execute(HEAD, {"shop_id": self._unit.shop_id})).one_or_none()
        return Link(head.position, head.seal) if head else Link()

    def _values(self, entries: Sequence[Entry], end: Link) -> dict[str, Any]:
        return {
            "shop_id": self._unit.shop_id,
            "positions": [entry.position for entry in entries],
            "ats": [entry.at for entry in entries],
            "actor_kinds": [entry.actor.kind for entry in entries],
            "actor_ids": [entry.actor.id for entry in entries],
            "actions": [entry.action for entry in entries],
            "subjects": [entry.subject for entry in entries],
            "details": [entry.details for entry in entries],
            "seals": [entry.seal for entry in entries],
            "position": end.position,
            "seal": end.seal,
        }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        position=row.position,
        at=row.at,
        actor=Actor(row.actor_kind, row.actor_id),
        action=row.action,
        subject=row.subject,
        details=row.details,
        seal=bytes(row.seal),
    )
