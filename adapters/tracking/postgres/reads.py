"""Reads for the API: row to what the caller sees, within the caller's shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Row

from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.link_places import LinkPlaces
from adapters.tracking.postgres import links as link_sql
from adapters.tracking.postgres.domains import PostgresDomains
from adapters.tracking.postgres.links import PostgresLinks, to_link
from adapters.tracking.postgres.tables import decided_text, facts_text, orders
from kernel.ids import LinkId, ShopId
from tracking.domain.attribution.steering import UnknownOrder
from tracking.domain.link import Link
from tracking.domain.shop_domain import DomainId, ShopDomain

_LATEST = UUID(int=2**128 - 1)
_o = orders.c
_ORDER = (
    _o.order_id,
    _o.platform,
    _o.external_id,
    _o.revision,
    _o.number,
    _o.placed_at,
    _o.payment,
    _o.cancelled_at,
    _o.test,
    _o.currency,
    _o.total_minor,
    _o.base_minor,
    _o.final_base_minor,
    _o.customer_id,
    _o.first_order,
    facts_text,
    decided_text,
)
GET_ORDER = select(*_ORDER).where(_o.shop_id == bindparam("shop"), _o.order_id == bindparam("order"), _o.revision > 0)
PAGE_OF_ORDERS = (
    select(*_ORDER)
    .where(_o.shop_id == bindparam("shop"), _o.order_id < bindparam("before"), _o.revision > 0)
    .order_by(_o.order_id.desc())
    .limit(bindparam("most"))
)
ORDERS_NAMED = PAGE_OF_ORDERS.where(_o.external_id == bindparam("external"))


@dataclass(frozen=True, slots=True)
class Reads:
    """Each read is one transaction of one or two statements, whatever the number of rows."""

    units: Units
    base_url: str

    async def link(self, shop_id: ShopId, link_id: UUID) -> tuple[Link, LinkPlaces]:
        async with self.units(shop_id) as unit:
            return await PostgresLinks(unit).get(LinkId(link_id)), await self._places(unit)

    async def links(self, shop_id: ShopId, before: UUID | None, most: int) -> tuple[list[Link], LinkPlaces]:
        async with self.units(shop_id) as unit:
            parameters = {"shop": shop_id, "before": before or _LATEST, "most": most}
            rows = (await unit.sql.execute(link_sql.PAGE, parameters)).all()
            return [to_link(row._mapping) for row in rows], await self._places(unit)

    async def places(self, shop_id: ShopId) -> LinkPlaces:
        """Where the shop's links live."""
        async with self.units(shop_id) as unit:
            return await self._places(unit)

    async def _places(self, unit: Unit) -> LinkPlaces:
        domains = await PostgresDomains(unit).all()
        hosts = [domain.host for domain in domains if domain.serves_links]
        return LinkPlaces(self.base_url, unit.shop.slug, hosts)

    async def domains(self, shop_id: ShopId) -> list[ShopDomain]:
        async with self.units(shop_id) as unit:
            return await PostgresDomains(unit).all()

    async def domain(self, shop_id: ShopId, domain_id: DomainId) -> ShopDomain:
        """Raises DomainNotFound."""
        async with self.units(shop_id) as unit:
            return await PostgresDomains(unit).get(domain_id)

    async def clicks(self, shop_id: ShopId, link_id: UUID, before: UUID | None, most: int) -> Sequence[Row[Any]]:
        async with self.units(shop_id) as unit:
            await PostgresLinks(unit).get(LinkId(link_id))
            parameters = {"shop": shop_id, "link": link_id, "before": before or _LATEST, "most": most}
            return (await unit.sql.execute(link_sql.CLICKS, parameters)).all()

    async def order(self, shop_id: ShopId, order_id: UUID) -> Any:
        async with self.units(shop_id) as unit:
            row = (await unit.sql.execute(GET_ORDER, {"shop": shop_id, "order": order_id})).one_or_none()
        if row is None:
            raise UnknownOrder
        return row

    async def orders(
        self, shop_id: ShopId, *, external_id: str | None, before: UUID | None, most: int
    ) -> Sequence[Any]:
        parameters: dict[str, Any] = {"shop": shop_id, "before": before or _LATEST, "most": most}
        statement = PAGE_OF_ORDERS
        if external_id is not None:
            statement, parameters["external"] = ORDERS_NAMED, external_id
        async with self.units(shop_id) as unit:
            return (await unit.sql.execute(statement, parameters)).all()
