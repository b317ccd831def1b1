"""Links in PostgreSQL, and the lookup that finds a code's shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.unit import Unit
from adapters.tracking.postgres.lookup import all_rows
from adapters.tracking.postgres.tables import click, link
from kernel.errors import DomainError
from kernel.ids import LinkId
from tracking.domain.link import Link, LinkNotFound

CLAIM_CODES = """
INSERT INTO link_code (shop_id, code, link_id, destination, advocate_code)
SELECT %s, * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::text[])
ON CONFLICT DO NOTHING RETURNING code
"""
ADD = """
INSERT INTO link (shop_id, link_id, code, destination, advocate_id, programme_id, advocate_code, created_at)
SELECT %s, * FROM unnest(
    %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[]
) ON CONFLICT DO NOTHING
"""
OWN_CODES = "SELECT code FROM link WHERE shop_id = %s AND code = ANY(%s)"
BY_CODES = """
SELECT c.code, c.shop_id, c.link_id, c.destination, c.advocate_code, k.slug, k.clock_offset_s
FROM link_code c JOIN known_shop k ON k.shop_id = c.shop_id WHERE c.code = ANY(%b::text[])
"""

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
        columns = zip(*((o.code, o.link_id, o.destination, o.advocate_code) for o in links), strict=True)
        cursor = await self.unit.raw.execute(CLAIM_CODES, (shop, *[list(column) for column in columns]))
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


async def links_by_codes(relay: Database, codes: Sequence[str]) -> list[tuple[Any, ...]]:
    """What redirects need of the codes, of whatever shops: asked before a shop is known, as the relay role."""
    return await all_rows(relay, BY_CODES, (list(codes),))
