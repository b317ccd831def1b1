"""The page that a mail's unsubscribe link opens can be read whatever colours a shop has."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient
from msgspec import structs

from adapters.engagement.http.unsubscribe import UnsubscribeController, UnsubscribeTokens
from adapters.shared.colours import DEFAULT, _rgb, contrast
from adapters.shared.ids import new_id
from engagement.application.queries.unsubscribe_offer import OfferUnsubscribe
from engagement.application.unsubscribe import Unsubscribe, Unsubscribing
from engagement.domain.consent import Suppression
from engagement.ports import Shop
from kernel.ids import ShopId
from tests.engagement.samples import CUSTOMER, KEYS, SHOP


class Work:
    """Knows the shop, and whether somebody has unsubscribed."""

    def __init__(self, shop: Shop, *, done: bool) -> None:
        self.shop = shop
        self.suppressions = self
        self._done = done

    async def of_address(self, address_hash: str) -> list[Suppression]:
        entry = Suppression(address_hash=address_hash, scope="all", why="unsubscribed", since=datetime.now(UTC))
        return [entry] if self._done else []


def giver(thing: Any) -> Any:
    return lambda: thing


def shown(colour: str, colour_text: str, *, done: bool) -> str:
    @asynccontextmanager
    async def begin(_: ShopId) -> AsyncIterator[Any]:
        yield Work(structs.replace(SHOP, colour=colour, colour_text=colour_text), done=done)

    now = datetime.now(UTC)
    signer = KEYS.signer("unsubscribe")
    wish = Unsubscribing(
        shop_id=SHOP.shop_id, customer_id=CUSTOMER, address_hash="a" * 64, purpose="rewards", locale="de"
    )
    given = {
        "unsubscribe_tokens": UnsubscribeTokens(signer, lambda: now),
        "offer_unsubscribe": OfferUnsubscribe(begin),
        "unsubscribe": Unsubscribe(begin, new_id),
    }
    dependencies = {name: Provide(giver(thing), sync_to_thread=False) for name, thing in given.items()}
    with TestClient(Litestar([UnsubscribeController], dependencies=dependencies)) as client:
        answer = client.get(f"/u/{signer.sign(wish, expires_at=now + timedelta(days=1))}")
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(
    ("colour", "colour_text", "accent"),
    [
        ("#ffd400", "#ffffff", "#ffd400"),
        ("#ffffff", "#eeeeee", "#ffffff"),
        ("#1f6f54", "#1f6f54", "#1f6f54"),
        ("#224488", "#ffffff", "#224488"),
        ("red;}</style>", "url(x)", DEFAULT),
    ],
)
def test_the_button_and_the_tick_can_be_read(colour: str, colour_text: str, accent: str, *, done: bool) -> None:
    html = shown(colour, colour_text, done=done)
    painted = re.findall(r"background: (#\w{6}); color: (#\w{6})", html)[-2:]
    assert len(painted) == 2
    for background, text in painted:
        assert background == accent
        assert contrast(_rgb(background), _rgb(text)) >= 4.5
    assert ("<button" in html) != done
    for edge in re.findall(r"border: 1.5px solid (#\w{6})", html):
        assert contrast(_rgb(edge), _rgb("#ffffff")) >= 4.5
