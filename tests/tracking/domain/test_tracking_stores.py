"""Which store a shop's orders are of."""

from uuid import UUID

import pytest

from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.platforms.platform import Platform
from adapters.tracking.platforms.woocommerce import store_of
from tracking.domain.connection import ConnectionId
from tracking.domain.stores import BY_STORE, KnownStore, SecondStore, check_store

OLD, NEW = (ConnectionId(UUID(int=number)) for number in (1, 2))


def known(*names: str, of: ConnectionId = OLD) -> list[KnownStore]:
    return [KnownStore(of, name) for name in names]


def test_platforms_that_name_a_store_are_those_that_number_orders_within_one() -> None:
    silent = Platform.__dataclass_fields__["store"].default
    assert {kind for kind, platform in PLATFORMS.items() if platform.store is not silent} == set(BY_STORE)


@pytest.mark.parametrize("platform", sorted(BY_STORE))
def test_the_first_store_is_the_shops_by_whatever_connection(platform: str) -> None:
    check_store(platform, KnownStore(OLD, "a"), [])
    check_store(platform, KnownStore(NEW, "a"), known("a"))
    with pytest.raises(SecondStore, match=r"from b;.*from a\."):
        check_store(platform, KnownStore(NEW, "b"), known("a"))


def test_a_connection_to_woocommerce_may_speak_by_several_addresses() -> None:
    check_store("woocommerce", KnownStore(OLD, "b"), known("a"))


def test_a_connection_to_bigcommerce_that_is_led_to_another_store_is_a_second_store() -> None:
    with pytest.raises(SecondStore):
        check_store("bigcommerce", KnownStore(OLD, "b"), known("a"))


@pytest.mark.parametrize("platform", sorted(BY_STORE))
def test_a_connection_that_a_person_vouched_for_speaks_for_the_store(platform: str) -> None:
    check_store(platform, KnownStore(NEW, "b"), [*known("a"), *known("", of=NEW)])
    with pytest.raises(SecondStore):
        check_store(platform, KnownStore(NEW, "b"), [*known("a"), *known("", of=OLD)])


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.Shop.example/", "shop.example"),
        ("http://shop.example", "shop.example"),
        ("shop.example/", "shop.example"),
        ("https://shop.example/Laden/", "shop.example/Laden"),
        ("https://shop.example:8443/", "shop.example:8443"),
        ("", ""),
    ],
)
def test_an_address_is_the_same_name_however_it_is_written(address: str, name: str) -> None:
    assert store_of(address) == name
