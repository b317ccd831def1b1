"""The audit log shows tampering."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from kernel.ids import ShopId
from shops.domain.audit import OPERATOR, Actor, Entry, Link, Note, broken_at, enter

KEY = b"k" * 32
SHOP = ShopId(UUID(int=1))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    after = Link()
    for number in range(length):
        note = Note(
            actor=Actor("key", f"key_{number}"),
            action="shop.changed",
            subject=str(UUID(int=number)),
            at=NOW + timedelta(minutes=number),
            details={"revision": number, "changed": ["title"]},
        )
        entry = enter(KEY, SHOP, after, note)
        entries.append(entry)
        after = Link(entry.position, entry.seal)
    return entries


def check(entries: list[Entry]) -> int | None:
    return broken_at(KEY, SHOP, Link(), entries)[1]


def test_an_untouched_chain_is_intact_whole_and_in_parts() -> None:
    entries = chain(5)
    end, broken = broken_at(KEY, SHOP, Link(), entries)
    assert (end, broken) == (Link(5, entries[-1].seal), None)
    half, _ = broken_at(KEY, SHOP, Link(), entries[:2])
    assert broken_at(KEY, SHOP, half, entries[2:]) == (end, None)
    assert broken_at(KEY, SHOP, Link(), []) == (Link(), None)


@pytest.mark.parametrize(
    "forged",
    [
        {"at": NOW + timedelta(days=1)},
        {"actor": OPERATOR},
        {"action": "key.created"},
        {"subject": str(UUID(int=99))},
        {"details": '{"changed":["title"],"revision":7}'},
        {"seal": bytes(32)},
        {"position": 9},
    ],
)
@given(place=st.integers(0, 4))
def test_a_changed_entry_shows_at_its_position(forged: dict[str, object], place: int) -> None:
    entries = chain(5)
    entries[place] = structs.replace(entries[place], **forged)
    assert check(entries) == place + 1


@given(place=st.integers(0, 3))
def test_a_removed_entry_shows(place: int) -> None:
    entries = chain(5)
    del entries[place]
    assert check(entries) == place + 1


@given(place=st.integers(0, 3))
def test_exchanged_entries_show(place: int) -> None:
    entries = chain(5)
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    assert check(entries) == place + 1


def test_another_shops_chain_and_another_key_do_not_fit() -> None:
    entries = chain(2)
    assert broken_at(KEY, ShopId(UUID(int=2)), Link(), entries)[1] == 1
    assert broken_at(b"other", SHOP, Link(), entries)[1] == 1


def test_the_time_zone_in_which_a_time_is_read_does_not_matter() -> None:
    entries = chain(1)
    elsewhere = entries[0].at.astimezone(timezone(timedelta(hours=5)))
    assert check([structs.replace(entries[0], at=elsewhere)]) is None
