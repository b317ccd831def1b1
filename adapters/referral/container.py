"""The referral context put together: what it needs, and what it offers to the process that hosts it."""

from pathlib import Path
from typing import Any

from dependency_injector import containers, providers
from litestar.di import Provide

from adapters.referral.http.advocates import Addresses, AdvocateController
from adapters.referral.http.ledger import LedgerController
from adapters.referral.http.programmes import PROGRAMME_MOVES, ProgrammeController
from adapters.referral.http.referrals import ReferralController, VerdictController
from adapters.referral.http.rewards import RewardController
from adapters.referral.http.statement_page import StatementController
from adapters.referral.messaging import APPROVE_JOB, subscriptions
from adapters.referral.pages.statement import StatementPage
from adapters.referral.postgres.reads import Reads
from adapters.referral.postgres.sweep import shops_with_due
from adapters.referral.postgres.work import begin_work
from adapters.referral.vault import AskedVault
from adapters.shared.context import ContextOffer
from adapters.shared.ids import new_code, new_id
from adapters.shared.postgres.database import Database
from adapters.shared.queue.jobs import Job, Schedule
from adapters.shared.texts import Texts
from kernel.ids import ShopId
from referral.application.add_offer import AddOfferHandler
from referral.application.approve_due import ApproveDue
from referral.application.draft_programme import DraftProgrammeHandler
from referral.application.edit_programme import EditProgrammeHandler
from referral.application.enrol_advocate import EnrolAdvocateHandler
from referral.application.move_programme import MoveProgrammeHandler
from referral.application.settle_facts import SettleFacts

CONTROLLERS = (
    ProgrammeController, *PROGRAMME_MOVES, AdvocateController, ReferralController, VerdictController, RewardController,
    LedgerController, StatementController,
)  # fmt: skip


def offer(needed: dict[str, Any], settle: SettleFacts, approve: ApproveDue, relay: Database) -> ContextOffer:
    async def approve_one(shop_id: ShopId, _: bytes) -> None:
        await approve(shop_id)

    async def approve_all() -> None:
        for shop_id in await shops_with_due(relay):
            await approve(shop_id)

    return ContextOffer(
        name="referral",
        routes=CONTROLLERS,
        dependencies={name: Provide(_giver(thing), sync_to_thread=False) for name, thing in needed.items()},
        subscriptions=subscriptions(settle),
        jobs=[Job(APPROVE_JOB, approve_one)],
        schedules=[Schedule("referral.approve_due_everywhere", "* * * * *", approve_all)],
    )


def _giver(thing: Any) -> Any:
    def give() -> Any:
        return thing

    return give


class Container(containers.DeclarativeContainer):
    units: providers.Dependency[Any] = providers.Dependency()
    database: providers.Dependency[Any] = providers.Dependency()
    relay_database: providers.Dependency[Any] = providers.Dependency()
    settings: providers.Dependency[Any] = providers.Dependency()
    keys: providers.Dependency[Any] = providers.Dependency()
    ask: providers.Dependency[Any] = providers.Dependency()

    begin = providers.Singleton(begin_work, units)
    ids = providers.Object(new_id)
    codes = providers.Object(new_code)
    vault = providers.Singleton(AskedVault, ask)
    reads = providers.Singleton(Reads, units)
    signer = providers.Singleton(lambda keys: keys.signer("statement"), keys)
    base_url = providers.Singleton(lambda settings: settings.base_url, settings)
    addresses = providers.Singleton(Addresses, base_url, signer)
    texts = providers.Singleton(Texts, Path(__file__).parent / "locales")

    draft_programme = providers.Singleton(DraftProgrammeHandler, begin, ids)
    edit_programme = providers.Singleton(EditProgrammeHandler, begin)
    move_programme = providers.Singleton(MoveProgrammeHandler, begin)
    add_offer = providers.Singleton(AddOfferHandler, begin, ids)
    enrol_advocate = providers.Singleton(EnrolAdvocateHandler, begin, vault, ids, codes)
    settle_facts = providers.Singleton(SettleFacts, ids)
    approve_due = providers.Singleton(ApproveDue, begin)

    offer = providers.Singleton(
        offer,
        needed=providers.Dict(
            draft_programme=draft_programme,
            edit_programme=edit_programme,
            move_programme=move_programme,
            add_offer=add_offer,
            enrol_advocate=enrol_advocate,
            reads=reads,
            addresses=addresses,
            statement_page=providers.Singleton(StatementPage, reads, vault, addresses, texts),
        ),
        settle=settle_facts,
        approve=approve_due,
        relay=relay_database,
    )
