"""Prepared pages in memory: bounded, and never older than a second when something on them has changed.

A watcher compares a stamp per shop (revisions of its facts) twice a second, one query for all shops on the shelf;
no NOTIFY, because that would serialise the commits of whoever writes facts. While the database is away, pages stay.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from adapters.acquisition.pages.renderer import Page
from adapters.acquisition.postgres.landing import DealFacts, Stamp
from adapters.shared.background import in_background
from kernel.errors import DomainError
from kernel.ids import ShopId

MOST_BYTES: Final = 24 * 1024 * 1024
_OVERHEAD: Final = 2048
WATCH_S: Final = 0.5
NAME_KEPT_S: Final = 600.0
"""How long a greeting may use a name that has changed in the vault."""
NAMELESS_KEPT_S: Final = 2.0
"""How long a neutral greeting stays when the vault did not answer."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Address:
    """What stands at one address: the deal, whom to greet by, and the page in each language asked for so far."""

    facts: DealFacts
    name: str
    status: int
    fresh_until: float
    pages: dict[str, Page] = field(default_factory=dict)
    size: int = _OVERHEAD


ReadStamps = Callable[[Sequence[ShopId]], Awaitable[dict[ShopId, Stamp]]]


class Shelf:
    """Least recently used addresses leave first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._addresses: OrderedDict[tuple[str, str], Address] = OrderedDict()
        self._stamps: dict[ShopId, Stamp] = {}
        self.size = 0

    def get(self, key: tuple[str, str]) -> Address | None:
        address = self._addresses.get(key)
        if address is None:
            return None
        if address.fresh_until < time.monotonic():
            self._remove(key)
            return None
        self._addresses.move_to_end(key)
        return address

    def put(self, key: tuple[str, str], address: Address) -> None:
        shop_id = address.facts.shop_id
        if self._stamps.setdefault(shop_id, address.facts.stamp) != address.facts.stamp:
            self.drop(shop_id)
            self._stamps[shop_id] = address.facts.stamp
        self._remove(key)
        self._addresses[key] = address
        self.size += address.size
        self._make_room()

    def add_page(self, key: tuple[str, str], address: Address, locale: str, page: Page) -> None:
        """Keep a page of an address; an address that has left the shelf meanwhile is not put back."""
        address.pages[locale] = page
        address.size += page.size
        if self._addresses.get(key) is address:
            self.size += page.size
            self._make_room()

    def drop(self, shop_id: ShopId) -> None:
        for key in [key for key, address in self._addresses.items() if address.facts.shop_id == shop_id]:
            self._remove(key)
        self._stamps.pop(shop_id, None)

    async def compare(self, read_stamps: ReadStamps) -> None:
        """Drop the pages of every shop whose stamp has changed."""
        known = dict(self._stamps)
        if not known:
            return
        now = await read_stamps(list(known))
        for shop_id, stamp in known.items():
            if now.get(shop_id) != stamp:
                self.drop(shop_id)

    def _make_room(self) -> None:
        while self.size > self._most_bytes and self._addresses:
            _, address = self._addresses.popitem(last=False)
            self.size -= address.size

    def _remove(self, key: tuple[str, str]) -> None:
        address = self._addresses.pop(key, None)
        if address is not None:
            self.size -= address.size


@asynccontextmanager
async def watching(shelf: Shelf, read_stamps: ReadStamps, every_s: float = WATCH_S) -> AsyncIterator[None]:
    """Keep comparing as long as the web process serves."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await shelf.compare(read_stamps)
            except DomainError:
                continue
            except Exception:
                _log.exception("landing.watch_failed")

    async with in_background(watch(), "landing pages"):
        yield
