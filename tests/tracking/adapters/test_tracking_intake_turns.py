"""Under load the shops take turns: each is in one part, and alone when there is little to do."""

import asyncio
from uuid import UUID

import psycopg

from adapters.host.composition import Installation
from adapters.shared.ids import new_id
from adapters.tracking.intake import BUSY_S, PARTS, Turns
from adapters.tracking.postgres.deliveries import ALL, CLAIM, Part, WaitingDeliveries
from tests.support.database import test_settings as settings

STORE = """
INSERT INTO tracking.webhook_delivery (shop_id, connection_id, delivery_key, kind, topic, triggered_at, body)
VALUES (%s, %s, 'one', 'shopify', 'orders/create', '', '')
"""


def test_they_take_turns_only_while_a_round_of_all_takes_long() -> None:
    turns = Turns()
    assert turns.idle
    turns.next(BUSY_S / 2)
    assert turns.part == ALL
    turns.next(BUSY_S * 2)
    parts = []
    for _ in range(PARTS):
        parts.append(turns.part)
        assert not turns.idle
        turns.next(BUSY_S / 2)
    assert parts == [Part(number, PARTS) for number in range(PARTS)]
    for _ in range(PARTS):  # together they still took long
        turns.next(0.0)
    assert turns.part == ALL


def test_each_shop_is_in_one_part_and_what_is_claimed_is_held(fresh_database: str) -> None:
    shops = {new_id() for _ in range(60)}
    with psycopg.connect(fresh_database, autocommit=True) as owner:
        for shop in shops:
            owner.execute(STORE, (shop, new_id()))
    first, again = asyncio.run(_claimed(fresh_database))
    assert [len(part) > 0 for part in first] == [True] * 3
    assert sorted(shop for part in first for shop in part) == sorted(shops)
    assert again == []


async def _claimed(conninfo: str) -> tuple[list[list[UUID]], list[UUID]]:
    """The shops of three parts' claims, and of one of all that comes after them."""
    installation = Installation(settings(contexts="tracking"), conninfo)
    waiting = WaitingDeliveries(installation.contexts["tracking"].carrying_database)
    try:
        parts = [await waiting.claim(100, 10, CLAIM, Part(number, 3)) for number in range(3)]
        held = await waiting.claim(100, 10)
    finally:
        await installation.close()
    return [[each.ref.shop_id for each in part] for part in parts], [each.ref.shop_id for each in held]
