"""Ids and cursors as they are on the wire."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.http.bodies import BadCursor, decode_cursor, encode_cursor
from adapters.shared.http.ids import MalformedId, from_wire, to_wire


@given(st.uuids())
def test_an_id_survives_the_wire(value: UUID) -> None:
    wire = to_wire("adv", value)
    assert wire.startswith("adv_")
    assert len(wire) == 30
    assert from_wire("adv", wire) == value


@given(st.uuids(), st.uuids())
def test_the_order_of_ids_is_kept(one: UUID, other: UUID) -> None:
    assert (to_wire("x", one) < to_wire("x", other)) == (one.int < other.int)


@given(st.text())
def test_nonsense_is_no_id(text: str) -> None:
    with pytest.raises(MalformedId):
        from_wire("adv", text)


def test_another_prefix_and_too_large_a_number_are_no_id() -> None:
    with pytest.raises(MalformedId):
        from_wire("adv", to_wire("prg", UUID(int=1)))
    with pytest.raises(MalformedId):
        from_wire("adv", "adv_" + "z" * 26)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_survives_the_wire(at: datetime, value: UUID) -> None:
    assert decode_cursor(encode_cursor(at, value), datetime, UUID) == (at, value)


@given(st.text(min_size=1))
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(text, datetime, UUID)


def test_no_cursor_is_the_first_page() -> None:
    assert decode_cursor(None, datetime, UUID) is None
