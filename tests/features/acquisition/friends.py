"""The friends of a scenario: whose deal they open, what they see and what they are told."""

from typing import Any

from tests.acquisition.support import DealWorld
from tests.support.world import ShopWorld


class Friends:
    """Remembers what the people of one scenario saw and got."""

    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.deal = DealWorld(shop)
        self.page: Any = None
        self.answer: Any = None
        self.codes: dict[str, list[str]] = {}
        self.campaign_code = ""

    def claims(self) -> list[dict[str, Any]]:
        answer = self.deal.api("GET", "/claims")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def invite(self, code: str) -> dict[str, Any]:
        answer = self.deal.api("GET", f"/invites/{code}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
