"""The engagement context put together: what it needs, and what it offers to the process that hosts it."""

from typing import Any

from dependency_injector import containers, providers
from litestar.di import Provide

from adapters.engagement.http.consents import ConsentController, SuppressionController
from adapters.engagement.http.messages import MessageController
from adapters.engagement.http.outbox import OutboxController
from adapters.engagement.http.qr import QrController
from adapters.engagement.http.share_kits import ShareController, ShareKitController
from adapters.engagement.http.unsubscribe import UnsubscribeController, UnsubscribeTokens
from adapters.engagement.mail.courteous import CourteousPost
from adapters.engagement.mail.folder import FolderPost
from adapters.engagement.mail.smtp import SmtpPost
from adapters.engagement.mail.writer import RewardMailWriter
from adapters.engagement.messaging import subscriptions
from adapters.engagement.policies import read_policies
from adapters.engagement.postgres.facts import LinkCodes
from adapters.engagement.postgres.messages import JOB, parked_messages, shops_with_due
from adapters.engagement.postgres.work import begin_work
from adapters.engagement.vault import recipients_from
from adapters.engagement.wording import ShareWording
from adapters.shared.context import ContextOffer
from adapters.shared.ids import new_id
from adapters.shared.postgres.unit import Units, utc_now
from adapters.shared.precedence import Precedence
from adapters.shared.queue.jobs import Job, Schedule
from adapters.shared.settings import AppSettings
from engagement.application.lift_suppression import LiftSuppression
from engagement.application.queries.consent_history import ReadConsents
from engagement.application.queries.list_messages import ListMessages
from engagement.application.queries.list_suppressions import FindSuppression, ListSuppressions
from engagement.application.queries.share_kit import GetShareKit
from engagement.application.queries.unsubscribe_offer import OfferUnsubscribe
from engagement.application.record_consent import RecordConsent
from engagement.application.record_share import RecordShare
from engagement.application.send_messages import SendMessages
from engagement.application.suppress_address import SuppressAddress
from engagement.application.unsubscribe import Unsubscribe
from engagement.ports import Post
from kernel.ids import ShopId

CONTROLLERS = (
    ShareKitController,
    ShareController,
    QrController,
    ConsentController,
    SuppressionController,
    MessageController,
    UnsubscribeController,
)


def post_by(settings: AppSettings, precedence: Precedence) -> Post | None:
    """SMTP where it is configured, else the outbox folder."""
    if settings.smtp_url:
        smtp = SmtpPost(settings.smtp_url, mail_from=settings.mail_from, base_url=settings.base_url)
        return CourteousPost(smtp, precedence)
    if settings.outbox_folder:
        return FolderPost(settings.outbox_folder, mail_from=settings.mail_from, base_url=settings.base_url)
    return None


def offer(
    dependencies: dict[str, Any], send_messages: SendMessages, units: Units, relay_database: Any, settings: AppSettings
) -> ContextOffer:
    async def send(shop_id: ShopId, _: bytes) -> None:
        await send_messages(shop_id)

    async def wake_senders() -> None:
        for shop_id in await shops_with_due(relay_database):
            async with units(shop_id) as unit:
                unit.enqueue(JOB, once=JOB)

    return ContextOffer(
        name="engagement",
        routes=(*CONTROLLERS, OutboxController) if settings.environment == "demo" else CONTROLLERS,
        dependencies={name: Provide(_giver(value), sync_to_thread=False) for name, value in dependencies.items()},
        subscriptions=subscriptions(settings.mails_gather_s),
        jobs=(Job(JOB, send),),
        schedules=(Schedule("wake_message_senders", "* * * * *", wake_senders),),
        parked=(parked_messages(relay_database),),
    )


def _giver(value: Any) -> Any:
    def give() -> Any:
        return value

    return give


class Container(containers.DeclarativeContainer):
    units: providers.Dependency[Any] = providers.Dependency()
    database: providers.Dependency[Any] = providers.Dependency()
    relay_database: providers.Dependency[Any] = providers.Dependency()
    settings: providers.Dependency[Any] = providers.Dependency()
    keys: providers.Dependency[Any] = providers.Dependency()
    ask: providers.Dependency[Any] = providers.Dependency()
    precedence: providers.Dependency[Any] = providers.Dependency()

    base_url = providers.Singleton(lambda settings: settings.base_url, settings)
    suppression_key = providers.Singleton(lambda keys: keys.derive("engagement.suppression"), keys)
    unsubscribe_signer = providers.Singleton(lambda keys: keys.signer("unsubscribe"), keys)
    begin = providers.Singleton(begin_work, units)
    look_up = providers.Singleton(recipients_from, ask)
    send_messages = providers.Singleton(
        SendMessages,
        begin=begin,
        look_up=look_up,
        writer=providers.Singleton(RewardMailWriter, base_url, unsubscribe_signer, real_now=providers.Object(utc_now)),
        post=providers.Singleton(post_by, settings, precedence),
        suppression_key=suppression_key,
    )

    offer = providers.Singleton(
        offer,
        dependencies=providers.Dict(
            settings=settings,
            link_codes=providers.Singleton(LinkCodes, relay_database),
            get_share_kit=providers.Singleton(
                GetShareKit,
                begin=begin,
                texts=providers.Singleton(ShareWording),
                policies=providers.Singleton(read_policies),
                base_url=base_url,
            ),
            record_share=providers.Singleton(RecordShare, begin=begin, new_id=providers.Object(new_id)),
            record_consent=providers.Singleton(
                RecordConsent, begin=begin, look_up=look_up, new_id=providers.Object(new_id)
            ),
            read_consents=providers.Singleton(ReadConsents, begin=begin),
            suppress_address=providers.Singleton(SuppressAddress, begin=begin, suppression_key=suppression_key),
            lift_suppression=providers.Singleton(LiftSuppression, begin=begin),
            list_suppressions=providers.Singleton(ListSuppressions, begin=begin),
            find_suppression=providers.Singleton(FindSuppression, begin=begin),
            list_messages=providers.Singleton(ListMessages, begin=begin),
            unsubscribe=providers.Singleton(Unsubscribe, begin=begin, new_id=providers.Object(new_id)),
            unsubscribe_tokens=providers.Singleton(UnsubscribeTokens, unsubscribe_signer, providers.Object(utc_now)),
            offer_unsubscribe=providers.Singleton(OfferUnsubscribe, begin=begin),
        ),
        send_messages=send_messages,
        units=units,
        relay_database=relay_database,
        settings=settings,
    )
