"""Prepared pages in memory: bounded, fresh, and there when others are away."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from acquisition.domain.deal import Terms
from adapters.acquisition.container import LOCALES_FOLDER
from adapters.acquisition.pages.library import Library, address_key
from adapters.acquisition.pages.renderer import Renderer
from adapters.acquisition.pages.shelf import Address, Shelf
from adapters.acquisition.postgres.landing import DealFacts, Stamp
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.known_shop import ShopFacts
from adapters.shared.texts import Texts
from kernel.ids import CustomerId, ShopId

RENDERER = Renderer(Texts(LOCALES_FOLDER), "https://deals.example")


def facts(number: int = 1, stamp: Stamp = (1, 1, 0), code: str = "ADA7K2M9") -> DealFacts:
    shop = ShopFacts(
        revision=1, slug=f"shop-{number}", title="Nordlicht", country="DE", currency="EUR", locales=("de", "en"),
        default_locale="de", time_zone="Europe/Berlin", test_mode=False, clock_offset_s=0,
        storefront_url="https://nordlicht.example",
    )  # fmt: skip
    return DealFacts(
        shop_id=ShopId(UUID(int=number)), stamp=stamp, shop=shop, code=code, customer_id=CustomerId(UUID(int=7)),
        state="live", terms=Terms(currency="EUR", kind="fixed", amount_minor=1000),
    )  # fmt: skip


class Vault:
    def __init__(self, name: str | None = "Ada") -> None:
        self.name = name
        self.asked = 0

    async def __call__(self, shop_id: ShopId, customer_id: CustomerId) -> str:
        self.asked += 1
        await asyncio.sleep(0)
        if self.name is None:
            raise Unavailable
        return self.name


def library(shelf: Shelf, vault: Vault, stamp: Stamp = (1, 1, 0)) -> tuple[Library, list[str]]:
    read: list[str] = []

    async def read_deal(slug: str, code: str) -> DealFacts:
        read.append(code)
        await asyncio.sleep(0)
        return facts(int(slug.partition("-")[2]), stamp, code)

    return Library(read_deal, vault, RENDERER, shelf), read


async def found(of: Library, code: str = "ADA7K2M9", slug: str = "shop-1") -> Address:
    address = await of.address(slug, code)
    assert address is not None
    of.page(address, "de")
    return address


def test_those_who_come_together_wait_for_one_preparation() -> None:
    async def run() -> None:
        vault = Vault()
        of, read = library(Shelf(), vault)
        addresses = await asyncio.gather(*(found(of) for _ in range(20)))
        assert len({id(address) for address in addresses}) == 1
        assert (read, vault.asked) == (["ADA7K2M9"], 1)

    asyncio.run(run())


def test_the_shelf_stays_within_its_bounds() -> None:
    async def run() -> None:
        shelf = Shelf(most_bytes=100_000)
        of, read = library(shelf, Vault())
        for number in range(50):
            await found(of, f"C{number:07}")
            assert shelf.size <= 100_000
        await found(of, "C0000049")
        assert read.count("C0000049") == 1
        await found(of, "C0000000")
        assert read.count("C0000000") == 2
        shelf.drop(ShopId(UUID(int=1)))
        assert shelf.size == 0

    asyncio.run(run())


def test_only_the_shop_that_changed_is_read_again() -> None:
    async def run() -> None:
        shelf = Shelf()
        of, read = library(shelf, Vault())
        await found(of)
        await found(of, "EVA7K2M9", "shop-2")

        async def stamps(shops: Sequence[ShopId]) -> dict[ShopId, Stamp]:
            return {shop_id: (1, 1 + shop_id.int // 2, 0) for shop_id in shops}

        await shelf.compare(stamps)
        await found(of)
        await found(of, "EVA7K2M9", "shop-2")
        assert read == ["ADA7K2M9", "EVA7K2M9", "EVA7K2M9"]

    asyncio.run(run())


def test_a_page_of_another_moment_clears_the_shop() -> None:
    async def run() -> None:
        shelf = Shelf()
        old, _ = library(shelf, Vault())
        await found(old)
        new, read = library(shelf, Vault(), stamp=(1, 2, 0))
        await found(new, "EVA7K2M9")
        await found(new)
        assert read == ["EVA7K2M9", "ADA7K2M9"]

    asyncio.run(run())


@pytest.mark.parametrize("name", [None, ""])
def test_without_a_name_the_greeting_is_neutral(name: str | None) -> None:
    async def run() -> None:
        vault = Vault(name)
        of, _ = library(Shelf(), vault)
        address = await found(of)
        assert b"Jemand hat an dich gedacht" in address.pages["de"].filled()
        assert address.status == 200

    asyncio.run(run())


def test_addresses_have_one_spelling() -> None:
    assert address_key("Nordlicht", "ada7-k2m9") == ("nordlicht", "ADA7K2M9")
    assert address_key("nordlicht", "???") == ("nordlicht", "")
    for slug in ("", "-", "nord licht", "n" * 64, "ä", "a\x00"):
        assert address_key(slug, "ADA7K2M9") is None
