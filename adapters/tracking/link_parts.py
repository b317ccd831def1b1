"""Links, clicks and domains put together: what they add to the context's offer."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from litestar.types import ControllerRouterHandler

from adapters.shared.context import Condition, Fallback, Lifespan, Loop
from adapters.shared.http.client_address import address_reader
from adapters.shared.ids import new_code, new_id
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.group_commit import GroupCommit
from adapters.shared.queue.jobs import Job
from adapters.shared.settings import AppSettings
from adapters.shared.tokens import Keys
from adapters.tracking.addresses import read_address
from adapters.tracking.click_keeper import ClickKeeper
from adapters.tracking.countries import CountryFile
from adapters.tracking.http.domains import DomainController
from adapters.tracking.http.link_qr import LINK_QR_ROUTES
from adapters.tracking.http.links import LinkController
from adapters.tracking.http.redirect import DailyHash, Redirector, on_own_hosts, redirect_route
from adapters.tracking.postgres import clicks
from adapters.tracking.postgres.domains import CHECK_JOB
from adapters.tracking.remembered import Remembered
from adapters.tracking.settling import SettleVisits
from adapters.tracking.spool import Spool
from adapters.tracking.tokens import CLICK_PURPOSE
from adapters.tracking.visits import RecentVisits, VisitWatch
from kernel.ids import ShopId
from tracking.application.add_domain import AddDomain
from tracking.application.ask_for_check import AskForCheck
from tracking.application.change_domain import ChangeDomain
from tracking.application.check_domain import CheckDomain
from tracking.application.create_link import CreateLink
from tracking.application.credit_late_clicks import CreditLateClicks
from tracking.application.edit_link import EditLink
from tracking.application.remove_domain import RemoveDomain
from tracking.domain.click import Click
from tracking.domain.shop_domain import DomainId
from tracking.ports import BeginWork, Proofs


@dataclass(frozen=True, slots=True)
class ClickWriters:
    """Two ways into the table: what was just answered, and what waited on disk and may be there already."""

    fresh: GroupCommit[Click]
    once: GroupCommit[Click]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self.fresh.start()
        await self.once.start()
        try:
            yield
        finally:
            await self.fresh.stop()
            await self.once.stop()


@dataclass(frozen=True, slots=True)
class LinkParts:
    routes: Sequence[ControllerRouterHandler]
    dependencies: dict[str, Any]
    jobs: Sequence[Job]
    web_lifespans: Sequence[Lifespan]
    worker_loops: Sequence[Loop]
    condition: Condition
    fallback: Fallback


def new_proof_token() -> str:
    """What a shop shows on a domain to prove that it is its own."""
    return secrets.token_hex(16)


def click_writers(recorder: Database) -> ClickWriters:
    return ClickWriters(
        fresh=GroupCommit(recorder, clicks.STORE, clicks.as_rows, row_type=clicks.ROW, linger_s=0.002),
        once=GroupCommit(recorder, clicks.STORE_ONCE, clicks.as_rows, row_type=clicks.ROW),
    )


def spool(settings: AppSettings, keys: Keys) -> Spool:
    """In the operator's folder; clicks of another installation that shares it are left alone."""
    name = f"clicks-{keys.derive('click spool').hex()[:12]}"
    return Spool(settings.spool_folder or Path("spool"), name, most_bytes=settings.spool_mb * 1_048_576)


def keeper(writers: ClickWriters, kept: Spool, begin: BeginWork) -> ClickKeeper:
    return ClickKeeper(writers.fresh, writers.once, kept, CreditLateClicks(begin))


def build(
    *,
    settings: AppSettings,
    keys: Keys,
    relay: Database,
    remembered: Remembered,
    begin: BeginWork,
    proofs: Proofs,
    writers: ClickWriters,
    keeper: ClickKeeper,
    visits: RecentVisits,
) -> LinkParts:
    countries = CountryFile(settings.country_file)
    redirector = Redirector(
        remembered,
        keeper,
        keys.signer(CLICK_PURPOSE),
        DailyHash(keys.derive("click address")),
        visits,
        address_of=address_reader(settings.trusted_proxies),
        country_of=countries,
    )
    watch = VisitWatch(visits, relay)
    return LinkParts(
        routes=[redirect_route(redirector), LinkController, *LINK_QR_ROUTES, DomainController],
        dependencies=_use_cases(begin, settings.base_url),
        jobs=[_check_job(CheckDomain(begin, proofs))],
        web_lifespans=[writers.running, keeper.running, remembered.listening, watch.running, countries.watching],
        worker_loops=[SettleVisits(relay)],
        condition=keeper.condition,
        fallback=on_own_hosts(redirector, remembered),
    )


def _use_cases(begin: BeginWork, base_url: str) -> dict[str, Any]:
    return {
        "create_link": CreateLink(begin, new_id, new_code, base_url, read_address),
        "edit_link": EditLink(begin, base_url, read_address),
        "add_domain": AddDomain(begin, new_id, new_proof_token, base_url, read_address),
        "ask_for_check": AskForCheck(begin),
        "change_domain": ChangeDomain(begin),
        "remove_domain": RemoveDomain(begin),
    }


def _check_job(check_domain: CheckDomain) -> Job:
    async def check(shop_id: ShopId, domain_id: bytes) -> None:
        await check_domain(shop_id, DomainId(UUID(bytes=domain_id)))

    return Job(CHECK_JOB, check)
