"""The shops context put together: what it needs, and what it offers to the process that hosts it."""

import secrets
import zoneinfo
from typing import Any

from dependency_injector import containers, providers
from litestar.di import Provide

from adapters.shared.context import ContextOffer
from adapters.shared.ids import new_id
from adapters.shops.http.audit_log import AuditLogController
from adapters.shops.http.customers import CustomerController
from adapters.shops.http.keys import KeyController
from adapters.shops.http.shop import ShopController
from adapters.shops.key_cache import CachedKeyLookup
from adapters.shops.messaging import subscriptions
from adapters.shops.phone_numbers import phone_number
from adapters.shops.postgres.api_keys import PostgresKeyLookup
from adapters.shops.postgres.shops import PostgresShopDirectory
from adapters.shops.postgres.work import begin_work, found_shop
from adapters.shops.questions import answers
from shops.application.authenticate import Authenticate
from shops.application.change_shop import ChangeShop
from shops.application.create_key import CreateKey
from shops.application.erase_customer import EraseCustomer
from shops.application.identify_customers import IdentifyCustomers
from shops.application.move_clock import MoveClock
from shops.application.note_programmes import NoteProgrammes
from shops.application.open_shop import OpenShop
from shops.application.queries.customer_profiles import CustomerProfiles
from shops.application.queries.find_customer import FindCustomer
from shops.application.queries.find_shop import FindShop, FindShopBySlug
from shops.application.queries.list_keys import ListKeys
from shops.application.queries.name_keys import NameKeys
from shops.application.queries.read_audit_log import ReadAuditLog, VerifyAuditLog
from shops.application.revoke_key import RevokeKey

CONTROLLERS = (ShopController, KeyController, CustomerController, AuditLogController)


def offer(
    use_cases: dict[str, Any],
    authenticate: Authenticate,
    customer_profiles: CustomerProfiles,
    name_keys: NameKeys,
    note_programmes: NoteProgrammes,
    audit_key: bytes,
) -> ContextOffer:
    return ContextOffer(
        name="shops",
        routes=CONTROLLERS,
        dependencies={name: Provide(_giver(use_case), sync_to_thread=False) for name, use_case in use_cases.items()},
        subscriptions=subscriptions(note_programmes, audit_key),
        answers=answers(authenticate, use_cases["identify_customers"], customer_profiles, name_keys),
    )


def _giver(use_case: Any) -> Any:
    def give() -> Any:
        return use_case

    return give


class Container(containers.DeclarativeContainer):
    """`open_shop`, `create_key` and `find_shop_by_slug` are also for the host's command line."""

    units: providers.Dependency[Any] = providers.Dependency()
    database: providers.Dependency[Any] = providers.Dependency()
    relay_database: providers.Dependency[Any] = providers.Dependency()
    settings: providers.Dependency[Any] = providers.Dependency()
    keys: providers.Dependency[Any] = providers.Dependency()
    ask: providers.Dependency[Any] = providers.Dependency()

    audit_key = providers.Singleton(lambda keys: keys.derive("shops.audit"), keys)
    person_key = providers.Singleton(lambda keys: keys.derive("shops.person"), keys)
    time_zones = providers.Singleton(lambda: frozenset(zoneinfo.available_timezones()))
    begin = providers.Singleton(begin_work, units, audit_key)
    found = providers.Singleton(found_shop, units, audit_key)
    directory = providers.Singleton(PostgresShopDirectory, relay_database)
    key_lookup = providers.Singleton(CachedKeyLookup, providers.Singleton(PostgresKeyLookup, relay_database))

    open_shop = providers.Singleton(OpenShop, found=found, new_id=providers.Object(new_id), time_zones=time_zones)
    create_key = providers.Singleton(
        CreateKey, begin=begin, new_id=providers.Object(new_id), random=providers.Object(secrets.token_bytes)
    )
    find_shop_by_slug = providers.Singleton(FindShopBySlug, begin=begin, directory=directory)
    authenticate = providers.Singleton(Authenticate, keys=key_lookup)
    identify_customers = providers.Singleton(
        IdentifyCustomers,
        begin=begin,
        new_id=providers.Object(new_id),
        person_key=person_key,
        phone_number=providers.Object(phone_number),
    )
    name_keys = providers.Singleton(NameKeys, person_key=person_key)
    customer_profiles = providers.Singleton(CustomerProfiles, begin=begin)
    note_programmes = providers.Singleton(NoteProgrammes)

    offer = providers.Singleton(
        offer,
        use_cases=providers.Dict(
            create_key=create_key,
            identify_customers=identify_customers,
            find_shop=providers.Singleton(FindShop, begin=begin),
            change_shop=providers.Singleton(ChangeShop, begin=begin, time_zones=time_zones),
            move_clock=providers.Singleton(MoveClock, begin=begin),
            list_keys=providers.Singleton(ListKeys, begin=begin),
            revoke_key=providers.Singleton(RevokeKey, begin=begin, forget=key_lookup.provided.forget),
            find_customer=providers.Singleton(FindCustomer, begin=begin),
            erase_customer=providers.Singleton(EraseCustomer, begin=begin, person_key=person_key),
            read_audit_log=providers.Singleton(ReadAuditLog, begin=begin),
            verify_audit_log=providers.Singleton(VerifyAuditLog, begin=begin, audit_key=audit_key),
        ),
        authenticate=authenticate,
        customer_profiles=customer_profiles,
        name_keys=name_keys,
        note_programmes=note_programmes,
        audit_key=audit_key,
    )
