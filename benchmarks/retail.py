"""160 retailers with a live programme, a connected Shopify shop and a few advocates each: opened as operators and
marketers do, by the operator's functions and the public API."""

import http.client
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from adapters.host.composition import Installation
from adapters.host.operate import OpenedShop, ShopWanted, open_shop
from adapters.shared.http.ids import from_wire
from benchmarks.ground import Ground
from benchmarks.progress import said
from kernel.codes import normalise

SHOPS: Final = 160
ADVOCATES: Final = 7
PLACES: Final = (
    ("DE", "EUR", ("de", "en"), "Europe/Berlin"),
    ("NL", "EUR", ("nl", "en"), "Europe/Amsterdam"),
    ("FR", "EUR", ("fr",), "Europe/Paris"),
    ("IT", "EUR", ("it",), "Europe/Rome"),
    ("AT", "EUR", ("de",), "Europe/Vienna"),
    ("BE", "EUR", ("nl", "fr"), "Europe/Brussels"),
    ("FI", "EUR", ("fi", "sv"), "Europe/Helsinki"),
    ("CH", "CHF", ("de", "fr", "it"), "Europe/Zurich"),
    ("DK", "DKK", ("da",), "Europe/Copenhagen"),
    ("NO", "NOK", ("nb",), "Europe/Oslo"),
    ("SE", "SEK", ("sv",), "Europe/Stockholm"),
)


HEARING: Final = ("referral", "tracking", "acquisition", "engagement")
KNOWN: Final = ", ".join(f"(SELECT count(*) FROM {context}.known_shop)" for context in HEARING)
ENROLLED: Final = "(SELECT count(*) FROM tracking.known_advocate), (SELECT count(*) FROM acquisition.advocate)"


class Promoter(Struct, frozen=True, kw_only=True):
    advocate_id: UUID
    customer_id: UUID
    code: str
    link_code: str


class Retailer(Struct, frozen=True, kw_only=True):
    """`weight` is the shop's share of all orders by Zipf's law: one over its rank."""

    shop_id: UUID
    slug: str
    currency: str
    weight: float
    programme_id: UUID
    connection_path: str
    secret: str
    tag_key: str
    promoters: tuple[Promoter, ...]


async def open_shops(ground: Ground) -> list[tuple[OpenedShop, ShopWanted]]:
    """Open the shops, as `grapevine shop create` does."""
    installation = Installation(ground.settings, ground.postgres.conninfo)
    opened = []
    try:
        for rank in range(SHOPS):
            country, currency, locales, time_zone = PLACES[rank % len(PLACES)]
            wanted = ShopWanted(
                slug=f"shop-{rank + 1}", title=f"Shop {rank + 1}", country=country, currency=currency,
                locales=locales, time_zone=time_zone, storefront_url=f"https://shop-{rank + 1}.example",
            )  # fmt: skip
            opened.append((await open_shop(installation, wanted), wanted))
    finally:
        await installation.close()
    return opened


def furnish(ground: Ground, opened: Sequence[tuple[OpenedShop, ShopWanted]]) -> list[Retailer]:
    """Give each shop its connection, programme and advocates over the API, and wait until every context knows."""
    _wait_until(ground, f"SELECT {KNOWN}", (len(opened),) * 4)
    retailers = []
    for rank, (shop, wanted) in enumerate(opened):
        retailers.append(_furnish(Api(ground, shop.secret_key), rank, shop, wanted))
        if (rank + 1) % 40 == 0:
            said(f"{rank + 1} shops are open")
    _wait_until(ground, f"SELECT {ENROLLED}", (len(retailers) * ADVOCATES,) * 2)
    return retailers


def _furnish(api: "Api", rank: int, shop: OpenedShop, wanted: ShopWanted) -> Retailer:
    secret = f"shpss_{secrets.token_hex(16)}"
    connection = api.post("/api/v1/connections", kind="shopify", title="Shopify", secret=secret)
    give = {"amount_minor": 1000, "currency": wanted.currency}
    terms = {
        "currency": wanted.currency,
        "friend_deal": {"kind": "fixed", "amount": give},
        "advocate_reward": {"kind": "percent", "basis_points": 1000, "cap": {**give, "amount_minor": 2500}},
        "minimum_order": {**give, "amount_minor": 4000},
    }
    programme = api.post("/api/v1/programmes", title="Give 10, get 10 %", terms=terms)
    api.post(f"/api/v1/programmes/{programme['id']}/launch")
    promoters = []
    for number in range(ADVOCATES):
        advocate = api.post(
            "/api/v1/advocates", programme_id=programme["id"], customer_reference=str(9000 + number),
            email=f"ada{number}@shop-{rank + 1}.example", first_name="Ada", locale=wanted.locales[0],
        )  # fmt: skip
        promoters.append(
            Promoter(
                advocate_id=from_wire("adv", advocate["id"]),
                customer_id=from_wire("cus", advocate["customer_id"]),
                code=normalise(advocate["code"]),
                link_code=advocate["link_code"],
            )
        )
    return Retailer(
        shop_id=shop.id,
        slug=wanted.slug,
        currency=wanted.currency,
        weight=1 / (rank + 1),
        programme_id=from_wire("prg", programme["id"]),
        connection_path=f"/webhooks/shopify/{connection['id']}",
        secret=secret,
        tag_key=api.post("/api/v1/keys", label="pages", kind="publishable")["secret"],
        promoters=tuple(promoters),
    )


def _wait_until(ground: Ground, count: str, all_there: tuple[int, ...]) -> None:
    """Wait until the counts are reached and no fact is on its way any more."""
    deadline = time.monotonic() + 60
    while ground.sql(count)[0] != all_there or pending_facts(ground):
        if time.monotonic() > deadline:
            raise RuntimeError(f"The contexts do not hear of each other:\n{ground.log('worker').read_text()[-2000:]}")
        time.sleep(0.1)


def pending_facts(ground: Ground) -> int:
    """Facts on their way between contexts."""
    contexts = ("shops", "referral", "tracking", "acquisition", "engagement")
    counts = " + ".join(f"(SELECT count(*) FROM {context}.delivery)" for context in contexts)
    return int(ground.sql(f"SELECT {counts}")[0][0])


class Api:
    """One shop's client of the public API."""

    def __init__(self, ground: Ground, key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", ground.settings.port, timeout=30)
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def post(self, path: str, **body: Any) -> Any:
        self._connection.request("POST", path, json.dumps(body) if body else None, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"POST {path} answered {answer.status}: {text.decode(errors='replace')[:500]}")
        return json.loads(text)
