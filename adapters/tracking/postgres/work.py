"""One transaction of tracking for one shop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from adapters.shared.postgres.unit import Unit, Units
from adapters.tracking.postgres.code_uses import PostgresCodeUses
from adapters.tracking.postgres.connections import PostgresConnections
from adapters.tracking.postgres.deliveries import PostgresDeliveries
from adapters.tracking.postgres.domains import PostgresDomains
from adapters.tracking.postgres.evidence import PostgresEvidence
from adapters.tracking.postgres.hints import PostgresHints
from adapters.tracking.postgres.links import PostgresLinks
from adapters.tracking.postgres.order_stores import PostgresOrderStores
from adapters.tracking.postgres.orders import PostgresOrders
from adapters.tracking.postgres.replays import PostgresReplays
from adapters.tracking.postgres.retention import PostgresRetentions
from adapters.tracking.postgres.steering import PostgresChains, PostgresCredits
from adapters.tracking.postgres.tag_settings import PostgresTagSettings
from adapters.tracking.postgres.tag_work import PostgresVisitors
from adapters.tracking.postgres.uploads import PostgresUploads
from adapters.tracking.sealed import SecretBox
from kernel.ids import ShopId
from tracking.events import AttributionSteered, RetentionNoted
from tracking.ports import BeginWork, Shop, Work


class PostgresWork:
    """Satisfies `tracking.ports.Work` over one unit."""

    def __init__(self, unit: Unit, box: SecretBox | None = None) -> None:
        """`box` opens secrets; work that touches no connection and no tag settings needs none."""
        facts = unit.shop
        self.unit = unit
        self.shop = Shop(slug=facts.slug, currency=facts.currency, storefront_url=facts.storefront_url)
        self.orders = PostgresOrders(unit)
        self.evidence = PostgresEvidence(unit)
        self.codes = PostgresCodeUses(unit)
        self.credits = PostgresCredits(unit)
        self.chains = PostgresChains(unit)
        self.replays = PostgresReplays(unit)
        self.hints = PostgresHints(unit)
        self.deliveries = PostgresDeliveries(unit)
        self.links = PostgresLinks(unit)
        self.domains = PostgresDomains(unit)
        self.retentions = PostgresRetentions(unit)
        self.connections = PostgresConnections(unit, box)
        self.order_stores = PostgresOrderStores(unit)
        self.uploads = PostgresUploads(unit)
        self.tag_settings = PostgresTagSettings(unit, box)
        self.visitors = PostgresVisitors(unit)

    def publish(self, event: AttributionSteered | RetentionNoted) -> None:
        self.unit.publish(event)

    def now(self) -> datetime:
        return self.unit.now()


def begin_work(units: Units, box: SecretBox | None = None) -> BeginWork:
    @asynccontextmanager
    async def begin(shop_id: ShopId) -> AsyncIterator[Work]:
        async with units(shop_id) as unit:
            yield PostgresWork(unit, box)

    return begin
