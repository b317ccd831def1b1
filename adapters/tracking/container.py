"""Tracking's composition: what it needs from the host, and what it offers."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from dependency_injector import containers, providers
from litestar.di import Provide

from adapters.shared.context import Ask, ContextOffer
from adapters.shared.ids import new_id
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.group_commit import GroupCommit, in_columns
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Schedule
from adapters.shared.settings import AppSettings
from adapters.shared.tokens import Keys
from adapters.tracking import link_parts, order_parts, steering, tag_parts
from adapters.tracking.counted import DeliveryCounter
from adapters.tracking.customers import VaultCustomers
from adapters.tracking.fetching import Accesses, FetchingIntake
from adapters.tracking.http.orders import OrderController
from adapters.tracking.http.report_routes import REPORT_ROUTES, Reporting
from adapters.tracking.http.webhooks import WebhookDoor, webhook_routes
from adapters.tracking.intake import Intake, ParkedDeliveries
from adapters.tracking.messaging import subscriptions
from adapters.tracking.platforms.bigcommerce_api import BigCommerceOrders
from adapters.tracking.postgres import deliveries
from adapters.tracking.postgres.deliveries import StoredDelivery, WaitingDeliveries
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.reads import Reads
from adapters.tracking.postgres.work import begin_work
from adapters.tracking.proofs import Names, PublicNames, PublicProofs
from adapters.tracking.remembered import Remembered
from adapters.tracking.reports.facts import report_subscriptions
from adapters.tracking.tag.route import build_or_none, tag_route
from adapters.tracking.tokens import CLAIM_PURPOSE, CLICK_PURPOSE, SignedTokens
from adapters.tracking.visits import RecentVisits
from tracking.application.record_orders import RecordOrders
from tracking.ports import BeginWork, Proofs

CONTROLLERS = (OrderController,)


def _tokens(keys: Keys) -> SignedTokens:
    return SignedTokens(clicks=keys.signer(CLICK_PURPOSE), claims=keys.signer(CLAIM_PURPOSE))


def _customers(ask: Ask) -> VaultCustomers:
    return VaultCustomers(ask)


def _delivery_writer(recorder: Database) -> GroupCommit[StoredDelivery]:
    return GroupCommit(
        recorder, deliveries.STORE, in_columns(deliveries.to_columns, *deliveries.COLUMNS), linger_s=0.02
    )


def _door(
    settings: AppSettings,
    remembered: Remembered,
    writer: GroupCommit[StoredDelivery],
    bell: Bell,
    counter: DeliveryCounter,
) -> WebhookDoor:
    return WebhookDoor(remembered.connections, writer, bell, settings.base_url, counter)


def _writing(writer: GroupCommit[Any]) -> Callable[[], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        await writer.start()
        try:
            yield
        finally:
            await writer.stop()

    return lifespan


def _given(value: object) -> Provide:
    return Provide(lambda: value, sync_to_thread=False, use_cache=True)


def _dependencies(
    settings: AppSettings,
    units: Units,
    begin: BeginWork,
    record: RecordOrders,
    orders: order_parts.OrderParts,
    links: link_parts.LinkParts,
    tag: tag_parts.TagParts,
) -> dict[str, Provide]:
    parts = orders.dependencies | links.dependencies | tag.dependencies
    return {
        "record_orders": _given(record),
        "tracking_reads": _given(Reads(units, settings.base_url)),
        **{name: _given(use) for name, use in steering.needs(begin, units).items()},
        **{name: _given(value) for name, value in parts.items()},
    }


def _schedules(relay: Database, waiting: WaitingDeliveries) -> list[Schedule]:
    async def make_partitions() -> None:
        await first_row(relay, "SELECT tracking.make_click_partitions()", ())

    return [
        Schedule("tracking.click_partitions", "23 2 * * *", make_partitions),
        Schedule("tracking.purge_deliveries", "41 2 * * *", waiting.purge),
        tag_parts.schedule(relay),
    ]


def _proofs(names: Names) -> Proofs:
    return PublicProofs(names)


def _offer(
    settings: AppSettings,
    units: Units,
    relay: Database,
    remembered: Remembered,
    record: RecordOrders,
    delivery_writer: GroupCommit[StoredDelivery],
    door: WebhookDoor,
    waiting: WaitingDeliveries,
    intakes: Sequence[Intake],
    parked: ParkedDeliveries,
    begin: BeginWork,
    orders: order_parts.OrderParts,
    links: link_parts.LinkParts,
    tag: tag_parts.TagParts,
    reporting: Reporting,
) -> ContextOffer:
    more = (*orders.web_lifespans, *tag.web_lifespans, reporting.engine.kept, reporting.columns.tidied)
    return ContextOffer(
        name="tracking",
        routes=[
            *webhook_routes(door),
            tag_route(build_or_none()),
            *CONTROLLERS,
            *orders.routes,
            *links.routes,
            *tag.routes,
            *REPORT_ROUTES,
            *steering.ROUTES,
        ],
        dependencies=_dependencies(settings, units, begin, record, orders, links, tag) | reporting.dependencies(),
        subscriptions=[*subscriptions(remembered.forget, remembered.forget_keys), *report_subscriptions()],
        jobs=[*links.jobs, *steering.jobs(begin)],
        schedules=[*_schedules(relay, waiting), *orders.schedules],
        web_lifespans=[*links.web_lifespans, _writing(delivery_writer), *more],
        worker_loops=[*intakes, reporting.roller, *orders.worker_loops, *links.worker_loops, *tag.worker_loops],
        conditions=[links.condition],
        fallbacks=[links.fallback],
        parked=[parked.parked()],
    )


class Container(containers.DeclarativeContainer):
    """Needs are Dependency(); `offer` is what the host takes."""

    settings = providers.Dependency(instance_of=AppSettings)
    keys = providers.Dependency(instance_of=Keys)
    database = providers.Dependency(instance_of=Database)
    relay_database = providers.Dependency(instance_of=Database)
    carrying_database = providers.Dependency(instance_of=Database)
    recorder_database = providers.Dependency(instance_of=Database)
    units = providers.Dependency(instance_of=Units)
    bell = providers.Dependency(instance_of=Bell)
    ask: providers.Dependency[Any] = providers.Dependency()
    precedence: providers.Dependency[Any] = providers.Dependency()

    box = providers.Singleton(order_parts.secret_box, keys)
    begin = providers.Singleton(begin_work, units, box)
    tokens = providers.Singleton(_tokens, keys)
    customers = providers.Singleton(_customers, ask)
    record_orders = providers.Singleton(RecordOrders, begin, customers, tokens, new_id)
    remembered = providers.Singleton(Remembered, units, relay_database, database, bell, settings.provided.base_url, box)
    delivery_writer = providers.Singleton(_delivery_writer, recorder_database)
    counter = providers.Singleton(DeliveryCounter, relay_database)
    door = providers.Singleton(_door, settings, remembered, delivery_writer, bell, counter)
    waiting = providers.Singleton(WaitingDeliveries, carrying_database)
    intake = providers.Singleton(Intake, waiting, record_orders, database, precedence)
    order_source = providers.Singleton(BigCommerceOrders)
    accesses = providers.Singleton(Accesses, units, box)
    fetching = providers.Singleton(FetchingIntake, waiting, record_orders, database, accesses, order_source)
    intakes = providers.List(intake, fetching)
    intake_queue = providers.Singleton(ParkedDeliveries, waiting, bell)
    names = providers.Singleton(PublicNames)
    proofs = providers.Singleton(_proofs, names)
    click_writers = providers.Singleton(link_parts.click_writers, recorder_database)
    click_spool = providers.Singleton(link_parts.spool, settings, keys)
    click_keeper = providers.Singleton(link_parts.keeper, click_writers, click_spool, begin)
    recent_visits = providers.Singleton(RecentVisits)
    links = providers.Singleton(
        link_parts.build,
        settings=settings,
        keys=keys,
        relay=relay_database,
        remembered=remembered,
        begin=begin,
        proofs=proofs,
        writers=click_writers,
        keeper=click_keeper,
        visits=recent_visits,
    )
    orders = providers.Singleton(
        order_parts.build,
        settings=settings,
        units=units,
        relay=relay_database,
        database=database,
        bell=bell,
        begin=begin,
        record=record_orders,
        remembered=remembered,
        counter=counter,
        box=box,
    )
    tag = providers.Singleton(
        tag_parts.build,
        settings=settings,
        keys=keys,
        units=units,
        relay=relay_database,
        recorder=recorder_database,
        bell=bell,
        ask=ask,
        remembered=remembered,
        begin=begin,
        customers=customers,
        database=database,
        box=box,
    )
    reporting = providers.Singleton(Reporting, settings, units, relay_database, ask)
    offer = providers.Singleton(
        _offer,
        settings,
        units,
        relay_database,
        remembered,
        record_orders,
        delivery_writer,
        door,
        waiting,
        intakes,
        intake_queue,
        begin,
        orders,
        links,
        tag,
        reporting,
    )
