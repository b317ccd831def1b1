"""What follows from events: failures stop nobody, an absent vault costs no try, and months are kept and dropped."""

import json
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from adapters.shared.postgres.errors import Unavailable
from kernel.ids import ShopId
from tests.support.world import ShopWorld
from tests.tracking.tagging import DENIED, GRANTED, TaggedPage, event
from tracking.application.note_order_hints import NoteOrderHints
from tracking.application.tie_visitors import TieVisitors
from tracking.domain.tag_work import DueEvent

TIE = TieVisitors.__call__
POISON = "v.poison"


@pytest.fixture
def page(shop: ShopWorld) -> TaggedPage:
    return TaggedPage(shop)


def outcomes(page: TaggedPage) -> dict[str, str | None]:
    rows = page.stored("event_id::text, outcome")
    return {row[0]: row[1] for row in rows}


def purchase(order: str, **fields: Any) -> dict[str, Any]:
    return event("purchase", data={"order": order, "coupon": ["ADA2"]}, **fields)


def test_one_event_that_fails_stops_nobody_and_is_given_up_after_its_tries(page: TaggedPage) -> None:
    async def stumble(self: TieVisitors, shop_id: ShopId, events: Sequence[DueEvent]) -> dict[UUID, str]:
        if any(one.visitor == POISON for one in events):
            raise ValueError("a mistake of ours")
        return await TIE(self, shop_id, events)

    poison = event("consent", visitor=POISON, consent=DENIED)
    harmless = [purchase("1001"), event("consent", visitor="v.Ben", consent=DENIED), purchase("1002")]
    worker = "adapters.tracking.tag_worker"
    with (
        patch.object(TieVisitors, "__call__", stumble),
        patch(f"{worker}.pause_s", lambda _: 0.0),
        patch(f"{worker}.MAX_TRIES", 3),
    ):
        page.sent(harmless[0], poison, *harmless[1:])
        page.shop.eventually(lambda: outcomes(page)[poison["id"]] == "gave_up")
    found = outcomes(page)
    assert [found[one["id"]] for one in harmless] == ["hint_noted", "consent_withdrawn", "hint_noted"]
    assert sorted(page.stored("tries, due_at IS NULL")) == [(0, True), (0, True), (0, True), (2, True)]


def test_a_name_is_wiped_that_is_said_twice(page: TaggedPage) -> None:
    bought, refunded = (event(name, data={"order": "1", "friend_of": "Ada"}) for name in ("purchase", "refund"))
    body = json.dumps({"key": page.key, "events": [bought, refunded]})
    assert page.post(body.replace('"Ada"', '"Ada", "friend_of": ""').encode()).status_code == 200
    page.shop.eventually(lambda: outcomes(page)[bought["id"]] == "hint_noted")
    assert page.stored("data::text") == [('{"order":"1"}',)] * 2


def test_an_absent_vault_costs_no_try(page: TaggedPage) -> None:
    calls = []

    async def away(self: TieVisitors, shop_id: ShopId, events: Sequence[DueEvent]) -> dict[UUID, str]:
        calls.append(len(events))
        if len(calls) < 2:
            raise Unavailable
        return await TIE(self, shop_id, events)

    sent = event("consent", visitor="v.Ben", consent=GRANTED)
    with patch.object(TieVisitors, "__call__", away):
        page.sent(sent)
        page.shop.eventually(lambda: outcomes(page)[sent["id"]] == "consent_noted")
    assert calls == [1, 1]
    assert page.stored("tries, visitor") == [(0, "v.Ben")]


def test_a_purchase_that_was_noted_before_the_worker_died_is_noted_once(page: TaggedPage) -> None:
    note = NoteOrderHints.__call__
    died: list[bool] = []

    async def die_after(self: NoteOrderHints, shop_id: ShopId, hints: Any) -> int:
        count = await note(self, shop_id, hints)
        if not died:
            died.append(True)
            raise Unavailable
        return count

    sent = purchase("1001")
    with patch.object(NoteOrderHints, "__call__", die_after):
        page.sent(sent)
        page.shop.eventually(lambda: outcomes(page)[sent["id"]] == "hint_noted")
    query = "SELECT count(*) FROM tracking.order_hint WHERE shop_id = %s"
    assert page.shop.world.sql(query, page.shop.shop_id) == [(1,)]


def test_events_of_machines_have_no_consequence(page: TaggedPage) -> None:
    page.send(purchase("1001"), agent="python-requests/2.34")
    assert page.stored("by, due_at") == [("bot", None)]


def test_months_are_made_ahead_and_dropped_when_nobody_has_an_event_of_them(page: TaggedPage) -> None:
    world = page.shop.world
    for month, end in (("202001", "2020-02-01"), ("202002", "2020-03-01")):
        world.sql(
            f"CREATE TABLE tracking.tag_event_{month} PARTITION OF tracking.tag_event"
            f" FOR VALUES FROM ('{month[:4]}-{month[4:]}-01') TO ('{end}')"
        )
        for forced in ("ENABLE", "FORCE"):
            world.sql(f"ALTER TABLE tracking.tag_event_{month} {forced} ROW LEVEL SECURITY")
    event = "INSERT INTO tracking.tag_event (shop_id, event_id, at, happened_at, received_at, name, by, device,"
    event += " address_hash) SELECT %s, gen_random_uuid(), t, t, t, 'page', 'person', 'phone', ''"
    world.sql(f"{event} FROM (SELECT timestamptz '2020-02-14' t) x", page.shop.shop_id)
    assert world.sql("SELECT tracking.keep_tag_event_partitions()") == [(1,)]
    assert world.sql("SELECT to_regclass('tracking.tag_event_202001') IS NULL") == [(True,)]
    months = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'tracking.tag_event'::regclass"
    assert world.sql(months) == [(7,)]
    assert world.sql("SELECT tracking.keep_tag_event_partitions()") == [(0,)]
    world.sql("DROP TABLE tracking.tag_event_202002")
