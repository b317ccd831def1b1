"""Tracking's composition: what it needs from the host, and what it offers."""

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

from dependency_injector import containers, providers
from litestar.di import Provide

from adapters.shared.context import Ask, ContextOffer
from adapters.shared.ids import new_code, new_id
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.group_commit import GroupCommit, as_json, in_columns
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Job, Schedule
from adapters.shared.settings import AppSettings
from adapters.shared.tokens import Keys
from adapters.tracking import order_parts, steering, tag_parts
from adapters.tracking.addresses import read_address
from adapters.tracking.counted import DeliveryCounter
from adapters.tracking.customers import VaultCustomers
from adapters.tracking.fetching import Accesses, FetchingIntake
from adapters.tracking.http.domains import DomainController
from adapters.tracking.http.link_qr import LinkQrController
from adapters.tracking.http.links import LinkController
from adapters.tracking.http.orders import OrderController
from adapters.tracking.http.redirect import DailyHash, Redirector, redirect_route
from adapters.tracking.http.report_routes import REPORT_ROUTES, Reporting
from adapters.tracking.http.webhooks import WebhookDoor, webhook_routes
from adapters.tracking.intake import Intake, ParkedDeliveries
from adapters.tracking.messaging import subscriptions
from adapters.tracking.platforms.bigcommerce_api import BigCommerceOrders
from adapters.tracking.postgres import clicks, deliveries
from adapters.tracking.postgres.deliveries import StoredDelivery, WaitingDeliveries
from adapters.tracking.postgres.domains import CHECK_JOB
from adapters.tracking.postgres.lookup import first_row
from adapters.tracking.postgres.reads import Reads
from adapters.tracking.postgres.work import begin_work
from adapters.tracking.proofs import Names, PublicNames, PublicProofs
from adapters.tracking.remembered import Remembered
from adapters.tracking.reports.facts import report_subscriptions
from adapters.tracking.tag.route import build_or_none, tag_route
from adapters.tracking.tokens import CLAIM_PURPOSE, CLICK_PURPOSE, SignedTokens
from kernel.ids import ShopId
from tracking.application.add_domain import AddDomain
from tracking.application.ask_for_check import AskForCheck
from tracking.application.change_domain import ChangeDomain
from tracking.application.check_domain import CheckDomain
from tracking.application.create_link import CreateLink
from tracking.application.edit_link import EditLink
from tracking.application.record_orders import RecordOrders
from tracking.application.remove_domain import RemoveDomain
from tracking.domain.click import Click
from tracking.domain.shop_domain import DomainId
from tracking.ports import BeginWork, Proofs

CONTROLLERS = (LinkController, LinkQrController, DomainController, OrderController)


def new_proof_token() -> str:
    """What a shop shows on a domain to prove that it is its own."""
    return secrets.token_hex(16)


def _tokens(keys: Keys) -> SignedTokens:
    return SignedTokens(clicks=keys.signer(CLICK_PURPOSE), claims=keys.signer(CLAIM_PURPOSE))


def _customers(ask: Ask) -> VaultCustomers:
    return VaultCustomers(ask)


def _click_writer(recorder: Database) -> GroupCommit[Click]:
    return GroupCommit(recorder, clicks.STORE, as_json, linger_s=0.001)


def _delivery_writer(recorder: Database) -> GroupCommit[StoredDelivery]:
    return GroupCommit(
        recorder, deliveries.STORE, in_columns(deliveries.to_columns, *deliveries.COLUMNS), linger_s=0.008
    )


def _redirector(remembered: Remembered, writer: GroupCommit[Click], keys: Keys) -> Redirector:
    return Redirector(remembered.links, writer, keys.signer(CLICK_PURPOSE), DailyHash(keys.derive("click address")))


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
    tag: tag_parts.TagParts,
) -> dict[str, Provide]:
    return {
        "create_link": _given(CreateLink(begin, new_id, new_code, settings.base_url, read_address)),
        "edit_link": _given(EditLink(begin, settings.base_url, read_address)),
        "add_domain": _given(AddDomain(begin, new_id, new_proof_token, settings.base_url, read_address)),
        "ask_for_check": _given(AskForCheck(begin)),
        "change_domain": _given(ChangeDomain(begin)),
        "remove_domain": _given(RemoveDomain(begin)),
        "record_orders": _given(record),
        "tracking_reads": _given(Reads(units, settings.base_url)),
        **{name: _given(use) for name, use in steering.needs(begin, units).items()},
        **{name: _given(value) for name, value in (orders.dependencies | tag.dependencies).items()},
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


def _jobs(begin: BeginWork, proofs: Proofs) -> list[Job]:
    check_domain = CheckDomain(begin, proofs)

    async def check(shop_id: ShopId, domain_id: bytes) -> None:
        await check_domain(shop_id, DomainId(UUID(bytes=domain_id)))

    return [Job(CHECK_JOB, check)]


def _offer(
    settings: AppSettings,
    units: Units,
    relay: Database,
    remembered: Remembered,
    record: RecordOrders,
    click_writer: GroupCommit[Click],
    delivery_writer: GroupCommit[StoredDelivery],
    redirector: Redirector,
    door: WebhookDoor,
    waiting: WaitingDeliveries,
    intakes: Sequence[Intake],
    parked: ParkedDeliveries,
    begin: BeginWork,
    proofs: Proofs,
    orders: order_parts.OrderParts,
    tag: tag_parts.TagParts,
    reporting: Reporting,
) -> ContextOffer:
    more = (*orders.web_lifespans, *tag.web_lifespans)
    return ContextOffer(
        name="tracking",
        routes=[
            redirect_route(redirector),
            *webhook_routes(door),
            tag_route(build_or_none()),
            *CONTROLLERS,
            *orders.routes,
            *tag.routes,
            *REPORT_ROUTES,
            *steering.ROUTES,
        ],
        dependencies=_dependencies(settings, units, begin, record, orders, tag) | reporting.dependencies(),
        subscriptions=[*subscriptions(remembered.forget), *report_subscriptions()],
        jobs=[*_jobs(begin, proofs), *steering.jobs(begin)],
        schedules=[*_schedules(relay, waiting), *orders.schedules],
        web_lifespans=[_writing(click_writer), _writing(delivery_writer), remembered.listening, *more],
        worker_loops=[*intakes, reporting.roller, *orders.worker_loops, *tag.worker_loops],
        parked=[parked.parked()],
    )


class Container(containers.DeclarativeContainer):
    """Needs are Dependency(); `offer` is what the host takes."""

    settings = providers.Dependency(instance_of=AppSettings)
    keys = providers.Dependency(instance_of=Keys)
    database = providers.Dependency(instance_of=Database)
    relay_database = providers.Dependency(instance_of=Database)
    recorder_database = providers.Dependency(instance_of=Database)
    units = providers.Dependency(instance_of=Units)
    bell = providers.Dependency(instance_of=Bell)
    ask: providers.Dependency[Any] = providers.Dependency()

    box = providers.Singleton(order_parts.secret_box, keys)
    begin = providers.Singleton(begin_work, units, box)
    tokens = providers.Singleton(_tokens, keys)
    customers = providers.Singleton(_customers, ask)
    record_orders = providers.Singleton(RecordOrders, begin, customers, tokens, new_id)
    remembered = providers.Singleton(Remembered, units, relay_database, database, bell, settings.provided.base_url, box)
    click_writer = providers.Singleton(_click_writer, recorder_database)
    delivery_writer = providers.Singleton(_delivery_writer, recorder_database)
    redirector = providers.Singleton(_redirector, remembered, click_writer, keys)
    counter = providers.Singleton(DeliveryCounter, relay_database)
    door = providers.Singleton(_door, settings, remembered, delivery_writer, bell, counter)
    waiting = providers.Singleton(WaitingDeliveries, relay_database)
    intake = providers.Singleton(Intake, waiting, record_orders, database)
    order_source = providers.Singleton(BigCommerceOrders)
    accesses = providers.Singleton(Accesses, units, box)
    fetching = providers.Singleton(FetchingIntake, waiting, record_orders, database, accesses, order_source)
    intakes = providers.List(intake, fetching)
    intake_queue = providers.Singleton(ParkedDeliveries, waiting, bell)
    names = providers.Singleton(PublicNames)
    proofs = providers.Singleton(_proofs, names)
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
    )
    reporting = providers.Singleton(Reporting, settings, units, relay_database, ask)
    offer = providers.Singleton(
        _offer,
        settings,
        units,
        relay_database,
        remembered,
        record_orders,
        click_writer,
        delivery_writer,
        redirector,
        door,
        waiting,
        intakes,
        intake_queue,
        begin,
        proofs,
        orders,
        tag,
        reporting,
    )
