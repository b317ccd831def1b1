"""Finds or prepares what stands at an address: on the shelf, else from the database and the vault."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final

import structlog

from acquisition.domain.deal import State
from adapters.acquisition.pages.renderer import Notice, Page, Renderer
from adapters.acquisition.pages.shelf import NAME_KEPT_S, NAMELESS_KEPT_S, Address, Shelf
from adapters.acquisition.postgres.landing import DealFacts
from kernel.codes import MalformedCode, normalise
from kernel.errors import DomainError
from kernel.ids import CustomerId, ShopId

ReadDeal = Callable[[str, str], Awaitable[DealFacts | None]]
FirstName = Callable[[ShopId, CustomerId], Awaitable[str]]
Key = tuple[str, str]

_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62})")
STANDING: Final[dict[State | None, tuple[Notice | None, int]]] = {
    "live": (None, 200),
    "paused": ("paused", 404),
    "ended": ("ended", 410),
    "draft": ("unknown", 404),
    None: ("unknown", 404),
}
"""The notice shown instead of the deal, and the status, by the programme's state."""

_log = structlog.get_logger()


class Library:
    def __init__(self, read_deal: ReadDeal, first_name: FirstName, renderer: Renderer, shelf: Shelf) -> None:
        self.shelf = shelf
        self._read_deal = read_deal
        self._first_name = first_name
        self._renderer = renderer
        self._preparing: dict[Key, asyncio.Task[Address | None]] = {}

    async def address(self, slug: str, typed_code: str) -> Address | None:
        """What stands at the address; None when no shop has the slug. Raises Unavailable."""
        key = address_key(slug, typed_code)
        if key is None:
            return None
        found = self.shelf.get(key)
        if found is not None:
            return found
        # Those who ask for the same address while it is prepared wait for the same preparation.
        task = self._preparing.get(key)
        if task is None:
            task = self._preparing[key] = asyncio.create_task(self._prepare(key))
            task.add_done_callback(lambda _: self._preparing.pop(key, None))
        return await asyncio.shield(task)

    def page(self, address: Address, locale: str) -> Page:
        """The page in one language, rendered once."""
        page = address.pages.get(locale)
        if page is None:
            page = self._render(address, locale)
            self.shelf.add_page((address.facts.shop.slug, address.facts.code), address, locale, page)
        return page

    def _render(self, address: Address, locale: str) -> Page:
        facts = address.facts
        notice, _ = STANDING[facts.state]
        if facts.terms is None or notice is not None:
            return self._renderer.notice(facts.shop, notice or "unknown", locale)
        return self._renderer.landing(facts.shop, facts.terms, code=facts.code, name=address.name, locale=locale)

    async def _prepare(self, key: Key) -> Address | None:
        facts = await self._read_deal(*key)
        if facts is None:
            return None
        status = STANDING[facts.state][1] if facts.terms or facts.state != "live" else 404
        name, kept_s = await self._name(facts) if status == 200 else ("", NAME_KEPT_S)
        address = Address(facts=facts, name=name, status=status, fresh_until=time.monotonic() + kept_s)
        if facts.state is not None:
            # An unknown code is not kept: the advocate may have enrolled this very second.
            self.shelf.put(key, address)
        return address

    async def _name(self, facts: DealFacts) -> tuple[str, float]:
        if facts.customer_id is None:
            return "", NAME_KEPT_S
        try:
            return await self._first_name(facts.shop_id, facts.customer_id), NAME_KEPT_S
        except (DomainError, TimeoutError) as error:
            _log.warning("landing.name_unknown", error=getattr(error, "code", type(error).__name__))
            return "", NAMELESS_KEPT_S


@lru_cache(maxsize=8192)
def address_key(slug: str, typed_code: str) -> Key | None:
    """Slug and code as they are stored; None when no shop can have the slug. A code that is none stays empty."""
    slug = slug.lower()
    if not _SLUG.fullmatch(slug):
        return None
    try:
        return slug, normalise(typed_code)
    except MalformedCode:
        return slug, ""
