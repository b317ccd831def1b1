"""Connections: secrets sealed at rest, health that costs no query per row, counts that survive an outage."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.http.ids import from_wire
from adapters.shared.postgres.errors import Unavailable
from adapters.tracking.counted import DeliveryCounter
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.postgres import health as health_sql
from adapters.tracking.postgres.connections import SealOldSecrets
from adapters.tracking.sealed import SealBroken, SecretBox
from kernel.ids import ShopId
from tests.features.tracking.shopfront import SECRET, Shopfront
from tests.support.world import ShopWorld
from tests.tracking.adapters.test_tracking_intake import statements
from tracking.domain.health import LATE, MOST_FAILURES, RECENT, WINDOW, Pulse, state_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    front = Shopfront(shop)
    front.connect()
    return front


def stored(front: Shopfront) -> list[str]:
    query = "SELECT secrets FROM tracking.connection WHERE connection_id = %s"
    secrets: list[str] = front.shop.world.sql(query, from_wire("con", front.connection["id"]))[0][0]
    return secrets


@given(st.text(max_size=60), st.uuids(), st.uuids())
def test_a_sealed_secret_opens_for_its_connection_only(secret: str, connection_id: UUID, other: UUID) -> None:
    box = SecretBox(b"k" * 32)
    sealed = box.seal(secret, connection_id)
    assert box.open(sealed, connection_id) == secret
    assert box.seal(secret, connection_id) != sealed
    for wrong, known in ((SecretBox(b"x" * 32), connection_id), (box, UUID(int=connection_id.int ^ (other.int | 1)))):
        with pytest.raises(SealBroken):
            wrong.open(sealed, known)


def test_no_secret_stands_in_the_database(front: Shopfront) -> None:
    assert all(secret.startswith("sealed:1:") for secret in stored(front))
    world = front.shop.world
    for table in ("connection", "idempotency_key", "outbox"):
        text = world.sql(f"SELECT t::text FROM tracking.{table} t WHERE shop_id = %s", front.shop.shop_id)
        assert SECRET not in str(text)


def test_secrets_from_before_are_used_and_then_sealed(front: Shopfront) -> None:
    """As an older version left them: deliveries check out before and after they are sealed."""
    world, known = front.shop.world, from_wire("con", front.connection["id"])
    world.sql("UPDATE tracking.connection SET secrets = %s WHERE connection_id = %s", [SECRET], known)
    assert front.post_shopify("orders/create", b"{}").status_code == 200
    context = world.installation.contexts["tracking"]
    seal = SealOldSecrets(context.relay_database, context.units, context.container.box())
    world.call(seal)
    assert all(secret.startswith("sealed:1:") for secret in stored(front))
    context.container.remembered().clear()
    assert front.post_shopify("orders/create", b"{ }").status_code == 200
    with statements() as seen:
        world.call(seal)
    assert [text for text in seen if "connection" in text] == []


def test_the_health_of_many_connections_is_one_statement(front: Shopfront) -> None:
    def count() -> int:
        with statements() as seen:
            front.get("/connections")
        return len([text for text in seen if "webhook_delivery" in text or "FROM connection" in text])

    before = count()
    for _ in range(3):
        front.connect()
    assert count() == before == 2


def test_counting_asks_the_database_nothing_at_the_door(front: Shopfront) -> None:
    with statements() as seen:
        assert front.post_shopify("orders/create", b"{}").status_code == 200
        assert front.post_shopify("orders/create", b"{}", secret="wrong secret").status_code == 401
    assert [text for text in seen if "connection_day" in text or "connection_health" in text] == []


def test_counts_wait_for_a_database_that_is_away() -> None:
    counter = DeliveryCounter(None, lambda: NOW)  # type: ignore[arg-type]
    shop_id, connection_id = ShopId(uuid4()), uuid4()
    written: list[Any] = []

    async def rows(_: Any, statement: str, parameters: Any) -> list[Any]:
        assert statement == health_sql.COUNT
        if not written:
            written.append(None)
            counter.good(shop_id, connection_id, handled=False)
            raise Unavailable
        written.append(parameters[0])
        return []

    for _ in range(MOST_FAILURES + 5):
        counter.failed(shop_id, connection_id, "signature_invalid")
    counter.good(shop_id, connection_id, handled=True)
    with patch("adapters.tracking.counted.all_rows", rows):
        for _ in range(3):
            asyncio.run(counter.flush())
    assert len(written) == 2
    (tally,) = json.loads(written[1])
    assert (tally["good"], tally["unhandled"], tally["failed"]) == (2, 1, MOST_FAILURES + 5)
    assert len(tally["failures"]) == MOST_FAILURES


@pytest.mark.parametrize(
    ("pulse", "wanted"),
    [
        (Pulse(), "waiting"),
        (Pulse(last_failed_at=NOW - timedelta(minutes=1)), "failing"),
        (Pulse(last_failed_at=NOW - RECENT - timedelta(hours=1)), "waiting"),
        (Pulse(last_good_at=NOW - timedelta(hours=1), last_failed_at=NOW - timedelta(hours=2)), "healthy"),
        (Pulse(last_good_at=NOW - timedelta(hours=2), last_failed_at=NOW - timedelta(hours=1)), "failing"),
        (Pulse(last_good_at=NOW, parked=1), "failing"),
        (Pulse(last_good_at=NOW, oldest_waiting_at=NOW - LATE - timedelta(seconds=1)), "failing"),
        (Pulse(last_good_at=NOW - timedelta(days=2), good_in_window=3000), "silent"),
        (Pulse(last_good_at=NOW - timedelta(days=2), good_in_window=30), "healthy"),
        (Pulse(last_good_at=NOW - 11 * WINDOW), "silent"),
    ],
)
def test_how_a_connection_is_doing(pulse: Pulse, wanted: str) -> None:
    assert state_of(pulse, enabled=True, has_secret=True, now=NOW) == wanted
    assert state_of(pulse, enabled=False, has_secret=True, now=NOW) == "disabled"
    assert state_of(pulse, enabled=True, has_secret=False, now=NOW) == "secret_missing"


def test_every_kind_says_how_it_is_set_up(front: Shopfront) -> None:
    kinds = front.get("/connections/kinds")["items"]
    assert {kind["kind"] for kind in kinds} == set(PLATFORMS)
    for kind in kinds:
        needed = [ask for step in kind["steps"] for ask in step["tell"] if ask["required"]]
        assert kind["makes_secret"] is ("secret" not in [ask["name"] for ask in needed]), kind["kind"]
        assert all(ask["where"] for ask in needed)


def test_a_change_by_somebody_else_is_not_overwritten(front: Shopfront) -> None:
    path = f"/api/v1/connections/{front.connection['id']}"
    read = front.shop.client.get(path, headers=front.shop.headers)
    headers = front.shop.headers | {"if-match": read.headers["etag"]}
    assert front.shop.client.patch(path, json={"title": "A"}, headers=headers).status_code == 200
    stale = front.shop.client.patch(path, json={"title": "B"}, headers=headers)
    assert (stale.status_code, stale.json()["code"]) == (412, "connection_changed")


def test_nobody_vouches_for_a_store_where_no_two_share_a_number(front: Shopfront) -> None:
    answer = front.api("PATCH", f"/connections/{front.connection['id']}", json={"title": "A", "same_store": True})
    assert (answer.status_code, answer.json()["code"]) == (422, "store_not_asked")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/same_store"]
    assert front.get(f"/connections/{front.connection['id']}")["title"] == front.connection["title"]


@pytest.mark.parametrize("text", ["dlv_", "dlv_x", "x", "dlv_" + "A" * 22, "dlv_" + "A" * 22 + "AA%00"])
def test_a_parked_message_that_is_none(front: Shopfront, text: str) -> None:
    answer = front.api("GET", f"/parked-deliveries/{text}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_delivery")
