"""Links in PostgreSQL, and the lookup that finds a code's shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.known_shop import ShopFacts, read_facts
from adapters.shared.postgres.unit import Unit
from adapters.tracking.channels import CACHES
from adapters.tracking.postgres.lookup import all_rows
from adapters.tracking.postgres.tables import click, link
from kernel.codes import MalformedCode, normalise
from kernel.errors import DomainError
from kernel.ids import LinkId, ShopId
from tracking.domain.link import Link, LinkNotFound, Plan

CLAIM_CODES = """
INSERT INTO link_code (shop_id, code, link_id, destination, advocate_code, programme_id, plan)
SELECT %s, * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::json[])
ON CONFLICT DO NOTHING RETURNING code
"""
ADD = """
INSERT INTO link (
    shop_id, link_id, code, destination, advocate_id, programme_id, advocate_code, created_at, title, vanity, plan
)
SELECT %s, * FROM unnest(
    %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::text[],
    %s::json[]
) ON CONFLICT DO NOTHING
"""
CLAIM_PATHS = """
INSERT INTO link_path (shop_id, path, link_id, code) SELECT %s, * FROM unnest(%s::text[], %s::uuid[], %s::text[])
ON CONFLICT DO NOTHING
"""
FREE_PATH = "DELETE FROM link_path WHERE shop_id = %s AND link_id = %s AND path IS DISTINCT FROM %s"
OWN_PATH = "SELECT 1 FROM link_path WHERE shop_id = %s AND link_id = %s AND path = %s"
SAVE = """
UPDATE link SET destination = %s, programme_id = %s, title = %s, vanity = %s, plan = %s::json, version = %s
WHERE shop_id = %s AND link_id = %s
"""
SAVE_CODE = """
UPDATE link_code SET destination = %s, programme_id = %s, plan = %s::json WHERE shop_id = %s AND code = %s
"""
OWN_CODES = "SELECT code FROM link WHERE shop_id = %s AND code = ANY(%s)"
# What a redirect needs, for codes and paths of whatever shops: "CODE", "slug/path" or "//host/path".
_FACTS = """
    c.shop_id, c.link_id, c.code, c.destination, c.advocate_code, c.plan, k.slug, k.clock_offset_s,
    k.facts->>'storefront_url' AS storefront_url,
    (SELECT max(said.days) FROM (
        SELECT w.days FROM known_window w WHERE w.shop_id = c.shop_id AND w.programme_id = c.programme_id
        UNION ALL
        SELECT ceil((step->>'window_hours')::numeric / 24)::int FROM chain h, json_array_elements(h.plan->'steps') step
        WHERE h.shop_id = c.shop_id AND h.programme_id = c.programme_id
    ) said) AS days,
    ARRAY(SELECT d.host FROM shop_domain d WHERE d.shop_id = c.shop_id AND d.state = 'verified') AS hosts
"""
BY_CODES = f"""
SELECT c.code AS key, {_FACTS}
FROM link_code c JOIN known_shop k ON k.shop_id = c.shop_id WHERE c.code = ANY(%b::text[])
"""
# The shop of each key by one way to name it at a time: an OR of them would try each key on every shop.
BY_PATHS = f"""
SELECT w.key, {_FACTS}
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[]) AS w (key, slug, host, path, code)
CROSS JOIN LATERAL (
    SELECT s.* FROM known_shop s WHERE s.slug = w.slug
    UNION ALL SELECT s.* FROM link_host h JOIN known_shop s ON s.shop_id = h.shop_id WHERE h.host = w.host
) AS k
LEFT JOIN link_path p ON p.shop_id = k.shop_id AND p.path = w.path
JOIN link_code c ON c.shop_id = k.shop_id AND c.code = coalesce(p.code, w.code)
"""
FRONTS = """
SELECT w.key, k.facts::text FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[]) AS w (key, slug, host, code)
CROSS JOIN LATERAL (
    SELECT s.facts FROM known_shop s WHERE s.slug = w.slug
    UNION ALL SELECT s.facts FROM link_host h JOIN known_shop s ON s.shop_id = h.shop_id WHERE h.host = w.host
    UNION ALL SELECT s.facts FROM link_code c JOIN known_shop s ON s.shop_id = c.shop_id WHERE c.code = w.code
) AS k
"""
HOSTS = "SELECT host FROM link_host"

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


class VanityTaken(DomainError):
    code = "vanity_taken"
    kind = "conflict"
    title = "Another link of the shop has this path"


class KnownLink(Struct, frozen=True):
    """What a redirect needs of a link, as it is stored."""

    key: str
    shop_id: ShopId
    link_id: LinkId
    code: str
    destination: str | None
    advocate_code: str | None
    plan: Any
    slug: str
    ahead_s: int
    storefront_url: str
    days: int | None
    """The longest attribution window that the link's programme ever had, by its terms or its chain."""
    hosts: Sequence[str]


@dataclass(frozen=True, slots=True)
class PostgresLinks:
    """`Links` of the unit's shop."""

    unit: Unit

    async def add(self, links: Sequence[Link]) -> None:
        await self.unit.flush()
        shop = self.unit.shop_id
        codes = [one.code for one in links]
        columns = zip(*(_code_row(one) for one in links), strict=True)
        cursor = await self.unit.raw.execute(CLAIM_CODES, (shop, *[list(column) for column in columns]))
        claimed = {row[0] for row in await cursor.fetchall()}
        if len(claimed) < len(links):
            own = await (await self.unit.raw.execute(OWN_CODES, (shop, codes))).fetchall()
            if any(code not in claimed and (code,) not in own for code in codes):
                raise CodeTaken
        fresh = [one for one in links if one.code in claimed]
        if fresh:
            rows = zip(*(_link_row(one) for one in fresh), strict=True)
            await self.unit.raw.execute(ADD, (shop, *[list(column) for column in rows]))
            await self._claim([one for one in fresh if one.vanity is not None])

    async def get(self, link_id: LinkId) -> Link:
        return await self._one(GET, link_id)

    async def for_update(self, link_id: LinkId) -> Link:
        return await self._one(GET.with_for_update(), link_id)

    async def save(self, link: Link) -> None:
        shop, plan = self.unit.shop_id, _plan(link)
        fields = (link.destination, link.programme_id, link.title, link.vanity, plan, link.version)
        await self.unit.raw.execute(SAVE, (*fields, shop, link.link_id))
        await self.unit.raw.execute(SAVE_CODE, (link.destination, link.programme_id, plan, shop, link.code))
        await self.unit.raw.execute(FREE_PATH, (shop, link.link_id, link.vanity))
        if link.vanity is not None:
            kept = await self.unit.raw.execute(OWN_PATH, (shop, link.link_id, link.vanity))
            if await kept.fetchone() is None:
                await self._claim([link])
        # In the transaction: heard exactly when the change can be read. Links change seldom enough for its lock.
        await self.unit.raw.execute("SELECT pg_notify(%s, %s)", (CACHES, link.code))

    async def _claim(self, links: Sequence[Link]) -> None:
        if not links:
            return
        rows = zip(*((one.vanity, one.link_id, one.code) for one in links), strict=True)
        columns = [list(column) for column in rows]
        cursor = await self.unit.raw.execute(CLAIM_PATHS, (self.unit.shop_id, *columns))
        if cursor.rowcount < len(links):
            raise VanityTaken(pointer="/vanity")

    async def _one(self, statement: Any, link_id: LinkId) -> Link:
        row = (await self.unit.sql.execute(statement, {"shop": self.unit.shop_id, "link": link_id})).one_or_none()
        if row is None:
            raise LinkNotFound
        return to_link(row._mapping)


def to_link(row: Mapping[Any, Any]) -> Link:
    return Link(**{**row, "plan": to_plan(row["plan"])})


def to_plan(stored: Any) -> Plan:
    return msgspec.convert(stored, Plan) if stored is not None else Plan()


def _plan(link: Link) -> str | None:
    return None if link.plan == Plan() else msgspec.json.encode(link.plan).decode()


def _code_row(link: Link) -> tuple[Any, ...]:
    return link.code, link.link_id, link.destination, link.advocate_code, link.programme_id, _plan(link)


def _link_row(link: Link) -> tuple[Any, ...]:
    return (
        link.link_id, link.code, link.destination, link.advocate_id, link.programme_id, link.advocate_code,
        link.created_at, link.title, link.vanity, _plan(link),
    )  # fmt: skip


async def links_by_keys(relay: Database, keys: Sequence[str]) -> list[KnownLink]:
    """What redirects need of the keys, of whatever shops: asked before a shop is known, as the relay role.

    A key is a code, "slug/path" for a shop's path on our domain, or "//host/path" for what is asked of a shop's own.
    """
    codes = [key for key in keys if "/" not in key]
    paths = [_path_row(key) for key in keys if "/" in key]
    rows = await all_rows(relay, BY_CODES, (codes,)) if codes else []
    if paths:
        rows = [*rows, *await all_rows(relay, BY_PATHS, tuple(list(column) for column in zip(*paths, strict=True)))]
    return [KnownLink(*row) for row in rows]


def _path_row(key: str) -> tuple[str, str | None, str | None, str, str | None]:
    """(key, slug, host, path, code): one of slug and host; a code only on a shop's own host, for that shop's links."""
    if not key.startswith("//"):
        slug, _, path = key.partition("/")
        return key, slug, None, path, None
    host, _, path = key[2:].partition("/")
    try:
        return key, None, host, path.lower(), normalise(path)
    except MalformedCode:
        return key, None, host, path.lower(), None


async def fronts_by_keys(relay: Database, keys: Sequence[str]) -> list[tuple[str, ShopFacts]]:
    """The shops of "//host/", "slug/" and codes, with the keys that lead to them."""
    rows = [_front_row(key) for key in keys]
    found = await all_rows(relay, FRONTS, tuple(list(column) for column in zip(*rows, strict=True)))
    return [(key, read_facts(text.encode())) for key, text in found]


def _front_row(key: str) -> tuple[str, str | None, str | None, str | None]:
    """(key, slug, host, code): one of the three."""
    if key.startswith("//"):
        return key, None, key[2:-1], None
    return (key, key[:-1], None, None) if key.endswith("/") else (key, None, None, key)


async def link_hosts(relay: Database) -> frozenset[str]:
    """Every host on which a shop's links live."""
    return frozenset(row[0] for row in await all_rows(relay, HOSTS, ()))
