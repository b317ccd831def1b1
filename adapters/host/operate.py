"""What an operator does from the command line: open shops, make keys, look after parked items."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from msgspec import Struct

from adapters.host.composition import Installation
from adapters.shared.http.ids import to_wire
from adapters.shared.queue.parked import ParkedItem
from kernel.errors import DomainError
from kernel.ids import ShopId

_log = structlog.get_logger()


class ContextMissing(DomainError):
    code = "context_missing"
    title = "The context that does this is not installed here"


class UnknownQueue(DomainError):
    code = "unknown_queue"
    title = "There is no such queue"


class UnknownShop(DomainError):
    code = "unknown_shop"
    kind = "not_found"
    title = "There is no shop with this slug"


class ShopWanted(Struct, frozen=True, kw_only=True):
    slug: str
    title: str
    country: str
    currency: str
    locales: tuple[str, ...]
    time_zone: str
    storefront_url: str
    test_mode: bool = False


class OpenedShop(Struct, frozen=True, kw_only=True):
    """`shop_id` as it is on the wire; the key is shown this once."""

    id: ShopId
    shop_id: str
    secret_key: str


async def open_shop(installation: Installation, wanted: ShopWanted) -> OpenedShop:
    """Open a shop; its default locale is the first one named; its first key holds every scope."""
    from shops.application.create_key import NewKey
    from shops.application.open_shop import NewShop

    container = _shops(installation)
    shop = await container.open_shop()(
        NewShop(
            slug=wanted.slug,
            title=wanted.title,
            country=wanted.country,
            currency=wanted.currency,
            locales=wanted.locales,
            default_locale=wanted.locales[0] if wanted.locales else "",
            time_zone=wanted.time_zone,
            storefront_url=wanted.storefront_url,
            test_mode=wanted.test_mode,
        )
    )
    created = await container.create_key()(NewKey(shop_id=shop.shop_id, label="first key"))
    return OpenedShop(id=shop.shop_id, shop_id=to_wire("shp", shop.shop_id), secret_key=created.secret)


async def make_key(installation: Installation, slug: str, scopes: Sequence[str]) -> str:
    """A new secret key for the shop with this slug."""
    from shops.application.create_key import NewKey

    container = _shops(installation)
    shop = await container.find_shop_by_slug()(slug)
    created = await container.create_key()(
        NewKey(shop_id=shop.shop_id, label="made by an operator", scopes=frozenset(scopes))
    )
    return str(created.secret)


async def list_parked(installation: Installation) -> list[ParkedItem]:
    """Everything that was given up, of every queue."""
    return [item for queue in installation.parked() for item in await queue.list()]


async def replay_parked(installation: Installation, queue: str | None, item: str | None) -> int:
    """Put back what is parked; the number of items put back."""
    there = installation.parked()
    queues = [parked for parked in there if queue in {None, parked.queue}]
    if not queues:
        raise UnknownQueue(f"Queues are {', '.join(sorted(parked.queue for parked in there))}.")
    replayed = sum([await parked.replay(item) for parked in queues])
    _log.info("queue.replayed", queue=queue, item=item, count=replayed)
    return replayed


async def rebuild_reports(installation: Installation, slug: str | None, said: Callable[[str], None]) -> int:
    """Count the figures of one shop or of all again from the rows behind them; the number of shops."""
    if "tracking" not in installation.contexts:
        raise ContextMissing("Reports are counted where tracking is installed.")
    roller = installation.contexts["tracking"].container.reporting().roller
    try:
        count = int(await roller.rebuild(slug, said))
    finally:
        await roller.close()
    if slug is not None and not count:
        raise UnknownShop
    return count


def _shops(installation: Installation) -> Any:
    if "shops" not in installation.contexts:
        raise ContextMissing
    return installation.contexts["shops"].container
