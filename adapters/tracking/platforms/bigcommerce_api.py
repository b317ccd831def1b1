"""BigCommerce's API as an `OrderSource`.

Its host is fixed and redirects are not followed, so nothing that a shop or a message says can lead a request elsewhere:
the store's hash and the order's number are checked to be letters and digits.
"""

import asyncio
import re
from typing import Final

import httpx2

from adapters.tracking.halves import mended
from adapters.tracking.platforms import bigcommerce
from adapters.tracking.platforms import bigcommerce_shapes as shapes
from adapters.tracking.platforms.reading import UNREADABLE
from adapters.tracking.platforms.sources import Access, OrderNotThere, OtherStore, SourceAway, SourceRefused
from tracking.domain.delivery import Unreadable
from tracking.domain.report import MOST_LINES, OrderReport

HOST: Final = "https://api.bigcommerce.com"
LONGEST_S: Final = 8.0
LARGEST: Final = 4 * 1_048_576
PAGE: Final = 250
_STORE: Final = re.compile(r"[a-z0-9]{1,32}")


class BigCommerceOrders:
    """`OrderSource`; one client, with its connections kept, for all stores."""

    def __init__(self, host: str = HOST, longest_s: float = LONGEST_S) -> None:
        self.host = host
        self._longest_s = longest_s
        self._client: httpx2.AsyncClient | None = None

    def names(self, body: bytes) -> str:
        return str(bigcommerce.wanted(body).order_id)

    async def fetch(self, access: Access, body: bytes) -> OrderReport:
        wanted = bigcommerce.wanted(body)
        if wanted.store != access.account or not _STORE.fullmatch(access.account):
            raise OtherStore
        try:
            async with asyncio.timeout(self._longest_s):
                return bigcommerce.order_report(await self._order(access, wanted.order_id))
        except (TimeoutError, httpx2.TransportError) as error:
            raise SourceAway(f"BigCommerce does not answer: {type(error).__name__}") from error
        except UNREADABLE:
            raise Unreadable("BigCommerce answered with something else than an order.") from None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _order(self, access: Access, order_id: int) -> shapes.FetchedOrder:
        path = f"v2/orders/{order_id}"
        order = shapes.order_resource.decode(await self._get(access, path))
        products, coupons, refunds = await asyncio.gather(
            self._products(access, path),
            self._get(access, f"{path}/coupons") if order.coupon_discount else _nothing(b"[]"),
            self._get(access, f"v3/orders/{order_id}/payment_actions/refunds")
            if order.refunded_amount
            else _nothing(b"{}"),
        )
        return shapes.FetchedOrder(
            order=order,
            products=products,
            coupons=shapes.coupons.decode(coupons or b"[]"),
            refunds=shapes.refund_list.decode(refunds or b"{}").data,
        )

    async def _products(self, access: Access, path: str) -> list[shapes.ProductResource]:
        found: list[shapes.ProductResource] = []
        for page in range(1, MOST_LINES // PAGE + 2):
            body = await self._get(access, f"{path}/products", limit=PAGE, page=page)
            products = shapes.products.decode(body or b"[]")
            found += products
            if len(products) < PAGE:
                break
        return found

    async def _get(self, access: Access, path: str, **query: int) -> bytes:
        """The body of an answer; empty for a list without items, to which the V2 API answers 204."""
        headers = {"x-auth-token": access.api_token, "accept": "application/json"}
        url = f"{self.host}/stores/{access.account}/{path}"
        async with self._open().stream("GET", url, headers=headers, params=query) as answer:
            _judge(answer)
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise Unreadable("BigCommerce's answer is larger than 4 MB.")
        return mended(bytes(body))

    def _open(self) -> httpx2.AsyncClient:
        if self._client is None:  # not before a loop runs
            self._client = httpx2.AsyncClient(timeout=self._longest_s, follow_redirects=False)
        return self._client


async def _nothing(body: bytes) -> bytes:
    return body


def _judge(answer: httpx2.Response) -> None:
    status = answer.status_code
    if status == 429:
        wait = answer.headers.get("x-rate-limit-time-reset-ms", "")
        raise SourceAway("BigCommerce asks for a pause", pause_s=int(wait) / 1000 if wait.isdigit() else 30.0)
    if status >= 500 or status == 408:
        raise SourceAway(f"BigCommerce answers {status}")
    if status in {401, 403}:
        raise SourceRefused
    if status == 404:
        raise OrderNotThere
    if not 200 <= status < 300:
        raise Unreadable(f"BigCommerce answers {status}.")
