"""Links in PostgreSQL, and the lookup that finds a code's shop."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Unit
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.tables import click, link
from kernel.errors import DomainError
from kernel.ids import LinkId, ShopId
from tracking.domain.link import Link, LinkNotFound

CLAIM_CODES = """
INSERT INTO link_code (code, shop_id, link_id) SELECT * FROM unnest(%s::text[], %s::uuid[], %s::uuid[])
ON CONFLICT DO NOTHING RETURNING code
"""
ADD = """
INSERT INTO link (shop_id, link_id, code, destination, advocate_id, programme_id, advocate_code, created_at)
SELECT %s, * FROM unnest(
    %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[]
) ON CONFLICT DO NOTHING
"""
OWN_CODES = "SELECT code FROM link WHERE shop_id = %s AND code = ANY(%s)"
WHOSE = "SELECT shop_id, link_id FROM link_code WHERE code = %s"

GET = select(link).where(link.c.shop_id == bindparam("shop"), link.c.link_id == bindparam("link"))
PAGE = (
    select(link)
    .where(link.c.shop_id == bindparam("shop"), link.c.link_id < bindparam("before"))
    .order_by(link.c.link_id.desc())
    .limit(bindparam("most"))
)
CLICKS = (
    select(click)
    .where(click.c.shop_id == bindparam("shop"), click.c.link_id == bindparam("link"))
    .where(click.c.click_id < bindparam("before"))
    .order_by(click.c.click_id.desc())
    .limit(bindparam("most"))
)


class CodeTaken(DomainError):
    code = "link_code_taken"
    kind = "conflict"
    title = "The link's code is taken; try again"


@dataclass(frozen=True, slots=True)
class PostgresLinks:
    """`Links` of the unit's shop."""

    unit: Unit

    async def add(self, links: Sequence[Link]) -> None:
        shop = self.unit.shop_id
        codes = [one.code for one in links]
        cursor = await self.unit.raw.execute(CLAIM_CODES, (codes, [shop] * len(links), [one.link_id for one in links]))
        claimed = {row[0] for row in await cursor.fetchall()}
        if len(claimed) < len(links):
            own = await (await self.unit.raw.execute(OWN_CODES, (shop, codes))).fetchall()
            if any(code not in claimed and (code,) not in own for code in codes):
                raise CodeTaken
        fresh = [one for one in links if one.code in claimed]
        if fresh:
            rows = [
                (o.link_id, o.code, o.destination, o.advocate_id, o.programme_id, o.advocate_code, o.created_at)
                for o in fresh
            ]
            await self.unit.raw.execute(ADD, (shop, *[list(column) for column in zip(*rows, strict=True)]))

    async def get(self, link_id: LinkId) -> Link:
        row = (await self.unit.sql.execute(GET, {"shop": self.unit.shop_id, "link": link_id})).one_or_none()
        if row is None:
            raise LinkNotFound
        return Link(**row._mapping)


async def whose_code(relay: Database, code: str) -> tuple[ShopId, LinkId] | None:
    """Which shop's link a code is: asked before the shop is known, as the relay role."""
    row = await first_row(relay, WHOSE, (code,))
    return (ShopId(row[0]), LinkId(row[1])) if row else None
