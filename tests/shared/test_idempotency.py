"""A POST that is repeated with its key has one effect and gets the first answer again."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from adapters.shared.http import idempotency
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.request_scope import current_scope
from tests.support.world import ShopWorld


def _forward(shop: ShopWorld, key: str | None, seconds: int = 60) -> Any:
    """A POST whose effects add up: each moves the shop's clock on."""
    headers = shop.headers | ({"idempotency-key": key} if key is not None else {})
    return shop.client.post("/api/v1/shop/clock", json={"seconds": seconds}, headers=headers)


def _moved(shop: ShopWorld) -> int:
    return int(shop.client.get("/api/v1/shop", headers=shop.headers).json()["clock_offset_seconds"])


def test_the_second_answer_is_the_first(shop: ShopWorld) -> None:
    first, second = _forward(shop, "order-1"), _forward(shop, "order-1")
    assert first.status_code in {200, 201}
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["idempotency-replayed"] == "true"
    assert _moved(shop) == 60


def test_without_a_key_each_has_its_effect(shop: ShopWorld) -> None:
    _forward(shop, None)
    _forward(shop, None)
    assert _moved(shop) == 120


def test_fifty_at_once_have_one_effect(shop: ShopWorld) -> None:
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _forward(shop, "all-at-once"), range(50)))
    done = [answer for answer in answers if answer.status_code in {200, 201}]
    assert len({answer.content for answer in done}) == 1
    others = {answer.json()["code"] for answer in answers if answer not in done}
    assert others <= {"idempotency_key_busy", "temporarily_unavailable"}
    assert _moved(shop) == 60


def test_a_key_belongs_to_one_request(shop: ShopWorld) -> None:
    _forward(shop, "mine")
    other = _forward(shop, "mine", seconds=61)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert _moved(shop) == 60


def test_a_key_belongs_to_one_shop(shop: ShopWorld) -> None:
    neighbour = shop.world.open_shop()
    _forward(shop, "same")
    answer = _forward(neighbour, "same")
    assert "idempotency-replayed" not in answer.headers
    assert _moved(neighbour) == 60


def test_a_refusal_is_not_kept(shop: ShopWorld) -> None:
    refused = _forward(shop, "again", seconds=-5)
    assert 400 <= refused.status_code < 500
    assert _forward(shop, "again").status_code in {200, 201}
    assert _moved(shop) == 60


def test_a_malformed_key_is_refused(shop: ShopWorld) -> None:
    for key in ("", "with space", "x" * 256):
        answer = _forward(shop, key)
        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_key_malformed"
    assert _moved(shop) == 0


def test_an_effect_without_its_answer_does_not_exist(shop: ShopWorld, monkeypatch: Any) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("the answer could not be stored")

    monkeypatch.setattr(idempotency, "_store", fails)
    assert _forward(shop, "torn").status_code == 500
    monkeypatch.undo()
    assert _moved(shop) == 0
    assert _forward(shop, "torn").status_code in {200, 201}
    assert _moved(shop) == 60


def test_a_failure_of_ours_is_not_kept_and_had_no_effect(shop: ShopWorld, monkeypatch: Any) -> None:
    for error, status in ((RuntimeError("a bug"), 500), (Unavailable(), 503)):

        def fails(*_: Any, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr("adapters.shops.http.shop._answer", fails)
        assert _forward(shop, "late").status_code == status
        monkeypatch.undo()
        assert _moved(shop) == 0
    assert _forward(shop, "late").status_code in {200, 201}
    assert _moved(shop) == 60


def test_an_answer_with_a_secret_is_not_kept(shop: ShopWorld) -> None:
    body = {"label": "till", "scopes": ["shops:read"]}
    headers = shop.headers | {"idempotency-key": "secret"}
    secrets = {shop.client.post("/api/v1/keys", json=body, headers=headers).json()["secret"] for _ in range(2)}
    assert len(secrets) == 2
    stored = shop.world.sql("SELECT body FROM shops.idempotency_key WHERE shop_id = %s", shop.shop_id)
    assert stored == []


def test_the_scope_does_not_outlive_its_request(shop: ShopWorld) -> None:
    _forward(shop, "once")

    async def held() -> Any:
        await asyncio.sleep(0)
        return current_scope.get()

    assert shop.world.call(held) is None
