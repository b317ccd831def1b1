"""The shop's people at work: what a step knows, and how it reaches the shop."""

from typing import Any

from kernel.errors import DomainError
from tests.support.world import ShopWorld


class Office:
    """Remembers what the people of one shop saw, made and were told in a scenario."""

    def __init__(self, shop: ShopWorld) -> None:
        self.shop = shop
        self.neighbour: ShopWorld | None = None
        self.answer: Any = None
        self.seen_etag: str | None = None
        self.secrets: dict[str, str] = {}
        self.key_ids: dict[str, str] = {}
        self.customers: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.refusal: DomainError | None = None
        self.fact: tuple[str, dict[str, Any]] | None = None

    def ask(self, method: str, path: str, *, key: str | None = None, **more: Any) -> Any:
        headers = {"authorization": f"Bearer {key or self.shop.key}"} | more.pop("headers", {})
        self.answer = self.shop.client.request(method, f"/api/v1{path}", headers=headers, **more)
        return self.answer

    def get(self, path: str, *, key: str | None = None) -> Any:
        """Read what must be readable; leaves `answer` alone."""
        headers = {"authorization": f"Bearer {key or self.shop.key}"}
        answer = self.shop.client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def done(self, answer: Any) -> Any:
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def actions(self) -> list[str]:
        return [entry["action"] for entry in self.get("/audit-log?limit=100")["items"]]
