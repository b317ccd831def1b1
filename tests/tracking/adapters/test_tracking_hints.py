"""Order hints on the real database: kept once, cut to size, and limited for each order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.shared.ids import new_id
from kernel.ids import ClickId
from tests.support.world import ShopWorld
from tracking.application.note_order_hints import NoteOrderHints
from tracking.domain.hint import MOST_CODES, MOST_PER_ORDER, OrderHint, fit, order_name

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STORED = "SELECT order_ref, click_id, codes, visitor FROM tracking.order_hint WHERE shop_id = %s ORDER BY at"


def _note(shop: ShopWorld, *hints: OrderHint) -> int:
    container = shop.world.installation.contexts["tracking"].container
    noted: int = shop.world.call(NoteOrderHints(container.begin()), shop.shop_id, hints)
    return noted


def _stored(shop: ShopWorld) -> list[tuple[Any, ...]]:
    return shop.world.sql(STORED, shop.shop_id)


def test_a_hint_is_kept_once_however_often_it_is_sent(shop: ShopWorld) -> None:
    click = ClickId(new_id())
    hint = OrderHint(order_ref=" #1001", click_id=click, codes=("ADA2-2026", "it's"), visitor="v-1", at=NOON)
    assert _note(shop, hint, hint) == 1
    again = OrderHint(order_ref="1001", click_id=click, codes=hint.codes, visitor="v-1", at=NOON + timedelta(seconds=5))
    assert _note(shop, again) == 0
    assert _stored(shop) == [("1001", click, ["ADA22026", "it's"], "v-1")]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("minutes", list(permutations((0, 1, 90))))
def test_what_is_said_again_counts_from_when_it_was_said_first(
    shop: ShopWorld, minutes: tuple[int, ...], together: bool
) -> None:
    """A message that a browser keeps for later may arrive after one that it sent when the page was opened again."""
    click = ClickId(new_id())
    said = [OrderHint(order_ref="1001", click_id=click, at=NOON + timedelta(minutes=n)) for n in minutes]
    for hints in [said] if together else [[hint] for hint in said]:
        _note(shop, *hints)
    query = "SELECT at FROM tracking.order_hint WHERE shop_id = %s"
    assert shop.world.sql(query, shop.shop_id) == [(NOON,)]


def test_an_earlier_word_counts_even_where_no_more_is_kept(shop: ShopWorld) -> None:
    hints = [OrderHint(order_ref="1001", visitor=f"v-{n}", at=NOON + timedelta(hours=n)) for n in range(MOST_PER_ORDER)]
    assert _note(shop, *hints) == MOST_PER_ORDER
    earlier = replace(hints[5], at=NOON - timedelta(hours=1))
    assert _note(shop, earlier, replace(earlier, visitor="one too many")) == 1
    assert _stored(shop)[0][3] == "v-5"


def test_hints_about_one_order_are_limited(shop: ShopWorld) -> None:
    hints = [OrderHint(order_ref="1001", visitor=f"v-{n}", at=NOON + timedelta(seconds=n)) for n in range(30)]
    assert _note(shop, *hints[:15]) == 15
    assert _note(shop, *hints) == MOST_PER_ORDER - 15
    assert _note(shop, OrderHint(order_ref="1002", at=NOON), OrderHint(order_ref="  ", at=NOON)) == 1


def test_a_hint_is_cut_to_size() -> None:
    hint = OrderHint(order_ref="#1001", codes=tuple(f"C{n}?" * 40 for n in range(99)), visitor="x" * 999, at=NOON)
    cut = fit(hint)
    assert (cut.order_ref, len(cut.codes), len(cut.visitor or "")) == ("1001", MOST_CODES, 64)
    assert {len(code) for code in cut.codes} == {64}
    assert order_name(" #A\0-1\ud800 ") == "A-1"
