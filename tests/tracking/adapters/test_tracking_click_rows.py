"""A click is stored as it was taken, whatever a stranger put into it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.postgres import records
from adapters.tracking.postgres.clicks import ROW, STORE, as_rows
from kernel.ids import ClickId, LinkId, ShopId
from tracking.domain.click import CLICK_IDS, UTM, Click

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
clicks = st.builds(
    Click,
    shop_id=st.uuids().map(ShopId),
    click_id=st.uuids().map(ClickId),
    link_id=st.uuids().map(LinkId),
    recorded_at=st.timedeltas(timedelta(0), timedelta(days=2)).map(lambda after: NOW + after),
    clicked_at=st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda after: NOW + after),
    visitor=st.sampled_from(["person", "bot", "preview"]),
    query=st.binary(max_size=700),
    utm=st.tuples(*[st.none() | texts] * len(UTM)),
    referrer_host=texts,
    language=texts,
    address_hash=st.binary(min_size=16, max_size=16),
    agent_hash=st.integers(-(2**63), 2**63 - 1),
    device=st.sampled_from(["phone", "tablet", "desktop", "other"]),
    country=st.none() | st.sampled_from(["DE", "SE"]),
    click_ids=st.none() | st.dictionaries(st.sampled_from(CLICK_IDS), texts, min_size=1, max_size=3),
    visit=st.none() | st.booleans(),
)


@pytest.fixture(scope="module")
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, options="-c search_path=tracking") as opened:
        yield opened


@given(st.lists(clicks, min_size=1, max_size=5, unique_by=lambda click: click.click_id))
def test_what_was_taken_is_what_is_stored(connection: psycopg.Connection, taken: list[Click]) -> None:
    assert stored(connection, taken) == {click.click_id: row_of(click) for click in taken}


def test_one_moment_is_both_times_where_no_clock_is_ahead(connection: psycopg.Connection) -> None:
    plain = Click(
        shop_id=ShopId(UUID(int=1)), click_id=ClickId(UUID(int=2)), link_id=LinkId(UUID(int=3)), recorded_at=NOW,
        clicked_at=NOW, visitor="person", query=b"", referrer_host="", language="", address_hash=bytes(16),
    )  # fmt: skip
    found = stored(connection, [plain])[plain.click_id]
    assert found[3] == found[4] == NOW


def stored(connection: psycopg.Connection, taken: list[Click]) -> dict[UUID, tuple[object, ...]]:
    [(number,)] = connection.execute("SELECT %s::regtype::oid", (ROW,)).fetchall()
    result = connection.pgconn.exec_params(STORE.encode(), [records.array(number, as_rows(taken))], None, [1])
    assert not result.error_message
    found = connection.execute(
        f"SELECT click_id, shop_id, link_id, recorded_at, clicked_at, visitor, query, {', '.join(UTM)}, referrer_host,"
        " language, address_hash, agent_hash, device, country, click_ids::text, visit FROM click"
        " WHERE click_id = ANY(%s)",
        ([click.click_id for click in taken],),
    ).fetchall()
    connection.rollback()
    return {row[0]: _with_marks(row) for row in found}


def _with_marks(row: tuple[object, ...]) -> tuple[object, ...]:
    *before, marks, visit = row
    return (*before, json.loads(str(marks)) if marks is not None else None, visit)


def row_of(click: Click) -> tuple[object, ...]:
    return (
        click.click_id, click.shop_id, click.link_id, click.recorded_at, click.clicked_at, click.visitor, click.query,
        *click.utm, click.referrer_host, click.language, click.address_hash, click.agent_hash, click.device,
        click.country, click.click_ids, click.visit,
    )  # fmt: skip
