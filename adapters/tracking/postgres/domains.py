"""The domains of a shop in PostgreSQL, and which of them links live on."""

from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import asdict
from sqlalchemy import bindparam, delete, insert, select, update

from adapters.shared.postgres.unit import Unit
from adapters.tracking.channels import CACHES
from adapters.tracking.postgres.tables import shop_domain
from tracking.domain.shop_domain import DomainId, DomainKnown, DomainNotFound, HostTaken, ShopDomain

CHECK_JOB: Final = "tracking.check_domain"
_d = shop_domain.c
_ONE = (_d.shop_id == bindparam("shop"), _d.domain_id == bindparam("named"))
ALL = select(shop_domain).where(_d.shop_id == bindparam("shop")).order_by(_d.host)
GET = select(shop_domain).where(*_ONE)
LOCK = GET.with_for_update()
SAVE = update(shop_domain).where(*_ONE)
REMOVE = delete(shop_domain).where(*_ONE)
KNOWN = select(_d.host).where(_d.shop_id == bindparam("shop"), _d.host == bindparam("host"))
_FIXED = frozenset({"shop_id", "domain_id", "host"})
VERIFIED = "SELECT host FROM shop_domain WHERE shop_id = %s AND state = 'verified'"
TAKE_HOST = "INSERT INTO link_host (shop_id, host) VALUES (%s, %s) ON CONFLICT DO NOTHING"
HAS_HOST = "SELECT 1 FROM link_host WHERE shop_id = %s AND host = %s"
FREE_HOST = "DELETE FROM link_host WHERE shop_id = %s AND host = %s"


@dataclass(frozen=True, slots=True)
class PostgresDomains:
    """`Domains` of the unit's shop."""

    unit: Unit

    async def verified(self) -> list[str]:
        """Hosts that are proven to be the shop's."""
        cursor = await self.unit.raw.execute(VERIFIED, (self.unit.shop_id,))
        return [row[0] for row in await cursor.fetchall()]

    async def all(self) -> list[ShopDomain]:
        rows = (await self.unit.sql.execute(ALL, {"shop": self.unit.shop_id})).all()
        return [ShopDomain(**row._mapping) for row in rows]

    async def get(self, domain_id: DomainId) -> ShopDomain:
        return await self._one(GET, domain_id)

    async def for_update(self, domain_id: DomainId) -> ShopDomain:
        return await self._one(LOCK, domain_id)

    async def add(self, domain: ShopDomain) -> None:
        named = {"shop": self.unit.shop_id, "host": domain.host}
        if (await self.unit.sql.execute(KNOWN, named)).one_or_none() is not None:
            raise DomainKnown(pointer="/host")
        await self.unit.sql.execute(insert(shop_domain).values(**asdict(domain)))

    async def save(self, domain: ShopDomain) -> None:
        changed = {name: value for name, value in asdict(domain).items() if name not in _FIXED}
        await self.unit.sql.execute(SAVE.values(**changed), self._named(domain.domain_id))
        await self._serve(domain.host, serves_links=domain.serves_links)
        await self._tell()

    async def remove(self, domain: ShopDomain) -> None:
        await self._serve(domain.host, serves_links=False)
        await self.unit.sql.execute(REMOVE, self._named(domain.domain_id))
        await self._tell()

    def look_soon(self, domain_id: DomainId) -> None:
        self.unit.enqueue(CHECK_JOB, domain_id.bytes, once=f"{self.unit.shop_id} {domain_id}")

    async def _one(self, statement: Any, domain_id: DomainId) -> ShopDomain:
        row = (await self.unit.sql.execute(statement, self._named(domain_id))).one_or_none()
        if row is None:
            raise DomainNotFound
        return ShopDomain(**row._mapping)

    async def _serve(self, host: str, *, serves_links: bool) -> None:
        owned = (self.unit.shop_id, host)
        if not serves_links:
            await self.unit.raw.execute(FREE_HOST, owned)
            return
        taken = await self.unit.raw.execute(TAKE_HOST, owned)
        if taken.rowcount == 0 and await (await self.unit.raw.execute(HAS_HOST, owned)).fetchone() is None:
            raise HostTaken(pointer="/serves_links")

    async def _tell(self) -> None:
        """Have every process look at the shop's links and hosts anew once this is committed."""
        await self.unit.raw.execute("SELECT pg_notify(%s, %s)", (CACHES, f"shop {self.unit.shop_id}"))

    def _named(self, domain_id: DomainId) -> dict[str, Any]:
        return {"shop": self.unit.shop_id, "named": domain_id}
