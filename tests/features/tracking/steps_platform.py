"""Steps about shops on different platforms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from pytest_bdd import given, parsers, then, when

from adapters.shared.ids import new_id
from tests.features.tracking.platform_shop import ChargedBack, PlatformShop
from tests.features.tracking.platform_shops import SHOPS
from tests.features.tracking.shopfront import Shopfront
from tests.support import signed
from tests.support.bigcommerce import STORE, TOKEN, Store, bigcommerce


@dataclass
class Counter:
    """One shop at one platform, and what the platform sent."""

    front: Shopfront
    platform: PlatformShop
    connection: dict[str, Any]
    sent: list[tuple[str, bytes]]
    address: str = "https://nordlicht.example/"
    """Of the store, as WooCommerce names itself."""

    @property
    def store(self) -> Store:
        assert self.platform.store is not None
        return self.platform.store

    def send(self, message: tuple[str, bytes], *, delivery: str = "", secret: str = "") -> None:
        topic, body = message
        kind = self.platform.kind
        headers = signed.headers(
            kind,
            topic,
            body,
            secret=secret or signed.SECRETS[kind],
            delivery=delivery or str(new_id()),
            source=self.address,
        )
        path = urlsplit(self.connection["webhook_url"]).path
        self.front.answer = self.front.shop.client.post(path, content=body, headers=headers)

    def tell(self, message: tuple[str, bytes]) -> None:
        self.sent.append(message)
        self.send(message)
        assert self.front.answer.status_code == 200, self.front.answer.text


@pytest.fixture(scope="session")
def bigcommerce_api() -> Iterator[Store]:
    with bigcommerce() as store:
        yield store


@given(parsers.parse("Nordlicht sells by {platform}"), target_fixture="counter")
def sells_by(front: Shopfront, platform: str, bigcommerce_api: Store) -> Counter:
    container = front.shop.world.installation.contexts["tracking"].container
    container.order_source().host = bigcommerce_api.address
    number = 2**60 + int(front.shop.shop_id.int % 10**9)
    shop = SHOPS[platform](number, front.now(), bigcommerce_api)
    front.orders.append({"id": shop.order_id})
    return Counter(front, shop, joined_to(front, platform, STORE), [])


def joined_to(front: Shopfront, platform: str, store: str) -> dict[str, Any]:
    """A new connection to the platform, of that store where the platform asks for one."""
    kind = SHOPS[platform].kind
    body = {"kind": kind, "title": platform, "secret": signed.SECRETS[kind]}
    if kind == "bigcommerce":
        body |= {"account": store, "api_token": TOKEN}
    answer = front.api("POST", "/connections", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@when(parsers.parse("Ben buys {pieces:d} lamps for {price} euros each there"))
def buys_there(counter: Counter, pieces: int, price: str) -> None:
    for message in (counter.platform.placed(pieces, price), *counter.platform.beside()):
        counter.tell(message)


@given(parsers.parse("Ben bought {pieces:d} lamps for {price} euros each there"))
def bought_there(counter: Counter, pieces: int, price: str) -> None:
    buys_there(counter, pieces, price)
    counter.front.found()


@when(parsers.parse("the platform repeats everything {times:d} times"))
def platform_repeats(counter: Counter, times: int) -> None:
    for number in range(times):
        for message in counter.sent:
            counter.send(message, delivery=f"again-{number % 2}")
            assert counter.front.answer.status_code == 200
    counter.front.settled()


@when(parsers.parse("Ben's payment for {pieces:d} lamps of {price} euros each is told before his order"))
def payment_first(counter: Counter, pieces: int, price: str) -> None:
    placed = counter.platform.placed(pieces, price, paid=False)
    counter.tell(counter.platform.pay())
    counter.front.settled()
    counter.tell(placed)
    counter.front.settled()


@when(parsers.parse("{amount} euros are paid back there"))
def paid_back_there(counter: Counter, amount: str) -> None:
    counter.tell(counter.platform.refunded(amount))


@when(parsers.parse("Stripe tells that {amount} euros are paid back before it tells what else the order is called"))
def paid_back_before_named(counter: Counter, amount: str) -> None:
    refunded, placed = counter.platform.refunded(amount), counter.platform.placed(2, "40.00")
    for message in (refunded, *counter.platform.beside(), placed):
        counter.tell(message)
        counter.front.settled()


@when("the order comes to nothing there")
def comes_to_nothing_there(counter: Counter) -> None:
    counter.tell(counter.platform.came_to_nothing())


@when("the bank decides for Ben")
def bank_decides(counter: Counter) -> None:
    assert isinstance(counter.platform, ChargedBack)
    counter.tell(counter.platform.charged_back())


@when("somebody else reports an order in its name")
def pretends(counter: Counter) -> None:
    counter.send(counter.platform.placed(2, "40.00"), secret="whsec_bm90IHRoZSBzZWNyZXQ=")


@when(parsers.parse("Ben buys {pieces:d} lamps for {price} euros each there while BigCommerce does not answer"))
def buys_while_away(counter: Counter, pieces: int, price: str) -> None:
    counter.store.trouble += [(503, {}), (429, {"x-rate-limit-time-reset-ms": "50"})]
    buys_there(counter, pieces, price)


@when(parsers.parse("Ben buys {pieces:d} lamps for {price} euros each there while BigCommerce refuses us"))
def buys_while_refused(counter: Counter, pieces: int, price: str) -> None:
    counter.store.trouble.append((401, {}))
    buys_there(counter, pieces, price)


@when("two people buy there within one second")
def two_within_a_second(counter: Counter) -> None:
    other = SHOPS["WooCommerce"](counter.platform.number + 1, counter.platform.now)
    counter.send(counter.platform.placed(2, "40.00"), delivery="one-second")
    counter.send(other.placed(1, "15.00"), delivery="one-second")


@then("both their orders are known")
def both_known(counter: Counter) -> None:
    for number in (counter.platform.number, counter.platform.number + 1):
        counter.front.shop.eventually(lambda: counter.front.get(f"/orders?order_id={number}")["items"])  # noqa: B023


@then("the order is known as soon as BigCommerce answers again")
def known_again(counter: Counter) -> None:
    query = "UPDATE tracking.webhook_delivery SET due_at = now() WHERE shop_id = %s AND state = 'waiting' AND tries > 0"

    def look() -> bool:
        counter.front.shop.world.sql(query, counter.front.shop.shop_id)  # nobody waits for the pause to pass
        return bool(counter.front.get(f"/orders?order_id={counter.platform.order_id}")["items"])

    counter.front.shop.eventually(look)
    assert counter.store.trouble == []


@then("the order shows that the money was charged back")
def charged_back(counter: Counter) -> None:
    assert counter.front.found()["dispute"] == "lost"
