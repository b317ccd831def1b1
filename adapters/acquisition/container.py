"""The acquisition context put together: what it needs, and what it offers to the process that hosts it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dependency_injector import containers, providers
from litestar.di import Provide

from acquisition.application.claim_deal import ClaimDealHandler
from acquisition.application.create_invite import CreateInviteHandler
from acquisition.application.queries.deal_for_code import FindDealForCode
from acquisition.application.redeem_invite_code import RedeemInviteCode
from acquisition.application.tell_old_invites import TellOldInvites
from adapters.acquisition.http.claims import ClaimController
from adapters.acquisition.http.deals import DealController
from adapters.acquisition.http.invites import InviteController, RedemptionController
from adapters.acquisition.http.landing_page import LandingPage, routes
from adapters.acquisition.http.limiter import Limiter
from adapters.acquisition.messaging import SUBSCRIPTIONS
from adapters.acquisition.pages.library import Library
from adapters.acquisition.pages.preview import Previews
from adapters.acquisition.pages.renderer import Renderer
from adapters.acquisition.pages.shelf import Shelf, watching
from adapters.acquisition.peers import AskFirstName, AskWhoItIs
from adapters.acquisition.postgres.landing import ReadDeal, ReadStamps
from adapters.acquisition.postgres.queries import ListClaims, ListInvites
from adapters.acquisition.postgres.work import begin_work
from adapters.acquisition.telling import telling_schedule
from adapters.acquisition.tokens import FriendTokens
from adapters.shared.context import ContextOffer
from adapters.shared.http.client_address import address_reader
from adapters.shared.ids import new_code, new_id
from adapters.shared.queue.jobs import Schedule
from adapters.shared.texts import Texts

LOCALES_FOLDER = Path(__file__).parent / "locales"
CONTROLLERS = (ClaimController, DealController, InviteController, RedemptionController)


def offer(
    given: dict[str, Any], landing: LandingPage, shelf: Shelf, read_stamps: ReadStamps, schedules: Sequence[Schedule]
) -> ContextOffer:
    return ContextOffer(
        name="acquisition",
        routes=(*CONTROLLERS, *routes(landing)),
        dependencies={name: Provide(_giver(thing), sync_to_thread=False) for name, thing in given.items()},
        subscriptions=SUBSCRIPTIONS,
        schedules=schedules,
        web_lifespans=(partial(watching, shelf, read_stamps),),
    )


def _giver(thing: Any) -> Any:
    def give() -> Any:
        return thing

    return give


class Container(containers.DeclarativeContainer):
    units: providers.Dependency[Any] = providers.Dependency()
    relay_database: providers.Dependency[Any] = providers.Dependency()
    settings: providers.Dependency[Any] = providers.Dependency()
    keys: providers.Dependency[Any] = providers.Dependency()
    ask: providers.Dependency[Any] = providers.Dependency()

    begin = providers.Singleton(begin_work, units)
    identify = providers.Singleton(AskWhoItIs, ask)
    tokens = providers.Singleton(FriendTokens, keys)
    texts = providers.Singleton(Texts, LOCALES_FOLDER)

    claim_deal = providers.Singleton(
        ClaimDealHandler, begin, identify, providers.Object(new_id), providers.Object(new_code)
    )
    create_invite = providers.Singleton(CreateInviteHandler, begin, identify, providers.Object(new_code))
    redeem_invite_code = providers.Singleton(RedeemInviteCode, begin, identify)
    tell_old_invites = providers.Singleton(TellOldInvites, begin)
    deal_for_code = providers.Singleton(FindDealForCode, begin)
    list_claims = providers.Singleton(ListClaims, units)
    list_invites = providers.Singleton(ListInvites, units)

    shelf = providers.Singleton(Shelf)
    renderer = providers.Singleton(Renderer, texts, settings.provided.base_url)
    library = providers.Singleton(
        Library,
        providers.Singleton(ReadDeal, units, relay_database),
        providers.Singleton(AskFirstName, ask),
        renderer,
        shelf,
    )
    visitor_address = providers.Singleton(address_reader, settings.provided.trusted_proxies)
    landing = providers.Singleton(
        LandingPage,
        library,
        renderer,
        providers.Singleton(Previews, texts),
        claim_deal,
        tokens,
        providers.Singleton(Limiter),
        visitor_address,
    )
    offer = providers.Singleton(
        offer,
        providers.Dict(
            claim_deal=claim_deal,
            create_invite=create_invite,
            redeem_invite_code=redeem_invite_code,
            deal_for_code=deal_for_code,
            list_claims=list_claims,
            list_invites=list_invites,
            friend_tokens=tokens,
        ),
        landing,
        shelf,
        providers.Singleton(ReadStamps, relay_database),
        providers.List(providers.Singleton(telling_schedule, relay_database, tell_old_invites)),
    )
