"""BigCommerce: thin messages, and the orders fetched from its API."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.tracking.platforms import bigcommerce as platform
from adapters.tracking.platforms.bigcommerce_api import BigCommerceOrders
from adapters.tracking.platforms.sources import Access, OrderNotThere, OtherStore, SourceAway, SourceRefused
from kernel.errors import CurrencyMismatch, DomainError
from tests.support.bigcommerce import STORE, TOKEN, Store, bigcommerce
from tests.support.testdata import platform_payload
from tracking.domain.delivery import UnhandledTopic, Unreadable
from tracking.domain.order import OrderKey

ACCESS = Access(STORE, TOKEN)


@pytest.fixture
def store() -> Iterator[Store]:
    with bigcommerce() as store:
        yield store


def message(number: int, scope: str = "store/order/created", producer: str = f"stores/{STORE}") -> bytes:
    said = {"scope": scope, "store_id": "1025646", "data": {"type": "order", "id": number}, "producer": producer}
    return json.dumps(said | {"hash": "dd70c0976e06b67aaf671e73f49dcb79230ebf9d", "created_at": 1561479335}).encode()


def fetch(store: Store, body: bytes, access: Access = ACCESS, longest_s: float = 5.0) -> Any:
    async def once() -> Any:
        source = BigCommerceOrders(store.address, longest_s)
        try:
            return await source.fetch(access, body)
        finally:
            await source.close()

    return asyncio.run(once())


def test_the_captured_messages_name_their_order() -> None:
    for name in ("bigcommerce_order_created", "bigcommerce_order_refund_created"):
        body = json.dumps(platform_payload(name)["body"]).encode()
        assert platform.wanted(body) == ("{store_hash}", 250)


def test_an_order_is_fetched_with_its_lines(store: Store) -> None:
    store.sell(250)
    report = fetch(store, message(250))
    assert (report.key, report.currency) == (OrderKey("bigcommerce", "250"), "EUR")
    found = report.order
    assert [(line.line_id, line.net_minor, line.tax_minor, line.sku) for line in found.lines] == [
        ("7", 8_000, 1_520, "LAMP")
    ]
    assert (found.total_minor, found.shipping_minor, found.shipping_tax_minor) == (10_010, 412, 78)
    assert (found.payment, found.fulfilment, found.buyer.email) == ("paid", "open", "ben@example.com")
    assert len(store.asked) == 2  # neither coupons nor refunds, when the order says there are none


def test_what_was_taken_off_the_whole_order_is_spread_to_the_cent(store: Store) -> None:
    store.sell(1, total_ex_tax="74.1200", total_tax="14.0800", coupon_discount="10.0000")
    store.products[1] = [
        {"id": 1, "quantity": 1, "total_ex_tax": "53.3300", "total_tax": "10.1327"},
        {"id": 2, "quantity": 1, "total_ex_tax": "26.6700", "total_tax": "5.0673"},
    ]
    store.coupons[1] = [{"id": 3, "code": "ADA2-2026", "amount": "10.0000"}]
    found = fetch(store, message(1)).order
    assert sum(line.net_minor for line in found.lines) == 7_000
    assert sum(line.tax_minor for line in found.lines) == 1_330
    assert (found.codes, found.discount_minor) == (("ADA2-2026",), 1_000)


def test_refunds_by_line_by_amount_and_declined(store: Store) -> None:
    store.sell(1, status_id=14, refunded_amount="57.5000")
    store.refunds[1] = [
        {"id": 1, "items": [{"item_type": "PRODUCT", "item_id": 7, "quantity": 1, "requested_amount": 47.6}]},
        {"id": 2, "items": [{"item_type": "ORDER", "item_id": 1, "requested_amount": 5.0}]},
        {"id": 3, "items": [{"item_type": "SHIPPING", "item_id": 1, "requested_amount": 4.9}]},
        {"id": 4, "items": [{"item_type": "ORDER", "requested_amount": 9.0}], "payments": [{"is_declined": True}]},
    ]
    one, two, three, four = fetch(store, message(1, "store/order/refund/created")).refunds
    assert ([(part.line_id, part.quantity) for part in one.lines], one.gross_minor) == ([("7", 1)], 0)
    assert (two.gross_minor, three.gross_minor, four.withdrawn) == (500, 0, True)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"status_id": 7, "payment_status": None}, ("pending", "open", False, False)),
        ({"status_id": 11, "payment_status": "authorized"}, ("pending", "open", False, False)),
        ({"status_id": 2, "date_shipped": "Mon, 02 Nov 2026 10:00:00 +0000"}, ("paid", "fulfilled", False, False)),
        ({"status_id": 5, "payment_status": "void"}, ("voided", "open", True, False)),
        ({"status_id": 4, "payment_status": "refunded"}, ("paid", "open", False, True)),
        ({"status_id": 6, "payment_status": "declined"}, ("voided", "open", False, False)),
    ],
)
def test_the_status_in_our_words(store: Store, changes: dict[str, Any], shown: tuple[Any, ...]) -> None:
    store.sell(1, **changes)
    found = fetch(store, message(1)).order
    assert (found.payment, found.fulfilment, found.cancelled_at is not None, found.refunded) == shown


def test_disputed_and_archived(store: Store) -> None:
    store.sell(1, status_id=13, is_deleted=True)
    report = fetch(store, message(1))
    assert [dispute.state for dispute in report.disputes] == ["open"]
    assert report.gone_at == report.order.updated_at


def test_more_lines_than_a_page_holds(store: Store) -> None:
    lines = [{"id": n, "quantity": 1, "total_ex_tax": "0.2500", "total_tax": "0.0000"} for n in range(1, 321)]
    store.products[1] = lines
    store.sell(1)
    assert len(fetch(store, message(1)).order.lines) == 320


@pytest.mark.parametrize(
    ("trouble", "refusal", "pause_s"),
    [
        ((429, {"x-rate-limit-time-reset-ms": "2500"}), SourceAway, 2.5),
        ((429, {}), SourceAway, 30.0),
        ((503, {}), SourceAway, 0.0),
        ((401, {}), SourceRefused, None),
        ((302, {"location": "http://169.254.169.254/"}), Unreadable, None),
        ((404, {}), OrderNotThere, None),
    ],
)
def test_what_the_api_answers_instead(
    store: Store, trouble: tuple[int, dict[str, str]], refusal: type[Exception], pause_s: float | None
) -> None:
    store.sell(1)
    store.trouble.append(trouble)
    with pytest.raises(refusal) as refused:
        fetch(store, message(1))
    assert getattr(refused.value, "pause_s", None) == pause_s
    assert len(store.asked) == 1


def test_an_api_that_hangs_or_is_not_there_is_away(store: Store) -> None:
    store.sell(1)
    store.slow_s = 0.3
    with pytest.raises(SourceAway):
        fetch(store, message(1), longest_s=0.1)
    nobody = Store(address="http://127.0.0.1:9")
    with pytest.raises(SourceAway):
        fetch(nobody, message(1))


def test_a_wrong_token_is_refused(store: Store) -> None:
    store.sell(1)
    with pytest.raises(SourceRefused):
        fetch(store, message(1), Access(STORE, "another"))


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (message(1, producer="stores/other"), OtherStore),
        (message(1, producer="stores/../../admin"), OtherStore),
        (message(0), Unreadable),
        (message(-1), Unreadable),
        (b'{"scope": "store/order/created", "producer": "stores/x", "data": {"id": "1/../2"}}', Unreadable),
        (b"[]", Unreadable),
        (message(1, scope="store/product/created"), UnhandledTopic),
    ],
)
def test_messages_that_lead_nowhere_ask_nobody(store: Store, body: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        fetch(store, body)
    assert store.asked == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"status_id": 0}, UnhandledTopic),
        ({"default_currency_code": "XXX"}, CurrencyMismatch),
        ({"date_modified": "yesterday"}, Unreadable),
        ({"date_modified": "Sun, 01 Nov 2026 10:00:00"}, Unreadable),
        ({"total_inc_tax": "much"}, Unreadable),
    ],
)
def test_orders_that_cannot_be_are_refused(store: Store, changes: dict[str, Any], refusal: type[DomainError]) -> None:
    store.sell(1, **changes)
    with pytest.raises(refusal):
        fetch(store, message(1))
