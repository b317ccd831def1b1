"""Orders: any order and repetition of facts gives the same order, and the amounts add up to the cent."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.ids import CustomerId, OrderId, PersonId
from tracking.domain.first_orders import Placed, first_orders
from tracking.domain.order import (
    Dispute,
    Line,
    OrderFacts,
    Refund,
    RefundedLine,
    Snapshot,
    amounts,
    cancelled_at,
    disputed,
    unknown_lines,
)
from tracking.domain.standing import UNSAID

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
WHO = UUID(int=1)

moments = st.integers(0, 3).map(lambda minutes: NOON + timedelta(minutes=minutes))
lines = st.builds(
    Line,
    line_id=st.sampled_from(["a", "b", "c"]),
    quantity=st.integers(0, 4),
    net_minor=st.integers(0, 10_000),
    tax_minor=st.integers(0, 2_000),
)
told = st.builds(
    Snapshot,
    updated_at=moments,
    number=st.sampled_from(["#1", "#2"]),
    placed_at=moments,
    currency=st.just("EUR"),
    total_minor=st.integers(0, 10_000),
    lines=st.lists(lines, max_size=3, unique_by=lambda line: line.line_id).map(tuple),
    payment=st.sampled_from(["pending", "paid", "voided"]),
    refunded=st.booleans(),
    fulfilment=st.sampled_from(["unknown", "open", "fulfilled"]),
    told_at=st.none() | moments,
    cancelled_at=st.none() | moments,
    customer_id=st.just(CustomerId(WHO)),
    person_id=st.just(PersonId(WHO)),
)


def partly_silent(snapshot: Snapshot, payment: str, fulfilment: str, shown: tuple[str, ...] | None) -> Snapshot:
    """As platforms tell it whose messages say of payment and fulfilment only what changed, or nothing."""
    moments_by = {"whole": None, "silent": UNSAID}
    if payment == "silent":
        snapshot = replace(snapshot, payment="pending", refunded=False)
    if fulfilment == "silent":
        snapshot = replace(snapshot, fulfilment="unknown")
    return replace(snapshot, payment_at=moments_by[payment], fulfilment_at=moments_by[fulfilment], refunds_shown=shown)


ways = st.sampled_from(["whole", "silent"])
shown = st.lists(st.sampled_from(["r1", "r2"]), unique=True).map(sorted).map(tuple)
snapshots = st.builds(partly_silent, told, ways, ways, st.none() | shown)
refunds = st.builds(
    Refund,
    refund_id=st.sampled_from(["r1", "r2", "r3"]),
    whole=st.booleans(),
    lines=st.lists(
        st.builds(RefundedLine, line_id=st.sampled_from(["a", "b", "z"]), quantity=st.integers(0, 3)), max_size=2
    ).map(tuple),
    net_minor=st.integers(-500, 500),
    gross_minor=st.integers(-500, 500),
    version=st.integers(0, 1),
    withdrawn=st.booleans(),
)
disputes = st.builds(
    Dispute, dispute_id=st.sampled_from(["d1", "d2"]), state=st.sampled_from(["open", "won", "lost"]), at=moments
)
facts = st.one_of(
    st.builds(OrderFacts, snapshot=snapshots),
    st.builds(OrderFacts, refunds=refunds.map(lambda refund: (refund,))),
    st.builds(OrderFacts, cancelled_at=moments),
    st.builds(OrderFacts, disputes=disputes.map(lambda dispute: (dispute,))),
    st.builds(OrderFacts, gone_at=moments),
    st.builds(OrderFacts, also=st.lists(st.sampled_from(["in_1", "in_2"]), unique=True).map(sorted).map(tuple)),
)


def merged(parts: list[OrderFacts]) -> OrderFacts:
    whole = OrderFacts()
    for part in parts:
        whole = whole.merge(part)
    return whole


@given(st.lists(facts, max_size=8), st.randoms(use_true_random=False))
def test_any_permutation_and_repetition_gives_the_same_order(parts: list[OrderFacts], chance: random.Random) -> None:
    shuffled = [*parts, *chance.choices(parts, k=len(parts))] if parts else []
    chance.shuffle(shuffled)
    assert merged(shuffled) == merged(parts)


@given(facts, facts, facts)
def test_merging_is_a_join(one: OrderFacts, two: OrderFacts, three: OrderFacts) -> None:
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(one) == one


@given(st.lists(facts, max_size=8))
def test_what_is_left_lies_between_nothing_and_the_base(parts: list[OrderFacts]) -> None:
    base, final = amounts(merged(parts))
    assert 0 <= final <= base


def order(*ordered: Line, **changes: object) -> Snapshot:
    values = {
        "updated_at": NOON,
        "number": "#1",
        "placed_at": NOON,
        "currency": "EUR",
        "total_minor": 0,
        "lines": ordered,
        "payment": "paid",
        "customer_id": CustomerId(WHO),
        "person_id": PersonId(WHO),
    }
    return Snapshot(**values | changes)  # type: ignore[arg-type]


def line(net_minor: int, quantity: int = 1, line_id: str = "a", tax_minor: int = 0) -> Line:
    return Line(line_id=line_id, quantity=quantity, net_minor=net_minor, tax_minor=tax_minor)


def left(snapshot: Snapshot, *refunded: Refund) -> int:
    return amounts(OrderFacts(snapshot=snapshot, refunds=refunded)).final_base_minor


def pieces(refund_id: str, quantity: int, line_id: str = "a", net_minor: int = 0) -> Refund:
    part = RefundedLine(line_id=line_id, quantity=quantity, net_minor=net_minor)
    return Refund(refund_id=refund_id, lines=(part,))


def test_no_piece_of_a_line_without_pieces_takes_nothing() -> None:
    weighed = order(line(1000, 0))
    assert (left(weighed, pieces("r", 0)), left(weighed, pieces("r", 1))) == (1000, 0)


def test_returning_a_line_piece_by_piece_takes_exactly_the_line() -> None:
    three = order(line(1000, 3), line(500, 1, "b"))
    assert [left(three, *(pieces(f"r{i}", 1) for i in range(n))) for n in range(5)] == [1500, 1167, 833, 500, 500]


def test_a_line_that_the_order_does_not_show_counts_by_its_amount() -> None:
    assert left(order(line(1000)), pieces("r", 1, "unseen", 300)) == 700


def test_an_amount_with_tax_takes_its_net_part() -> None:
    assert left(order(line(10_000, tax_minor=1_900)), Refund(refund_id="r", gross_minor=1_190)) == 9_000
    assert left(order(line(10_000)), Refund(refund_id="r", gross_minor=1_190)) == 8_810
    assert left(order(line(10_000, tax_minor=1_900)), Refund(refund_id="r", net_minor=1_000)) == 9_000


def test_whole_voided_refunded_and_cancelled_leave_nothing() -> None:
    assert left(order(line(1000)), Refund(refund_id="r", whole=True)) == 0
    assert left(order(line(1000), payment="voided")) == 0
    assert left(order(line(1000), refunded=True)) == 0
    assert amounts(OrderFacts(snapshot=order(line(1000)), cancelled_at=NOON)) == (1000, 0)


def test_a_refund_alone_is_kept_for_its_order() -> None:
    early = OrderFacts(refunds=(pieces("r", 1),))
    assert amounts(early) == (0, 0)
    assert amounts(early.merge(OrderFacts(snapshot=order(line(1000, 2))))) == (1000, 500)


def dispute(state: str, minute: int = 0, dispute_id: str = "d") -> Dispute:
    return Dispute(dispute_id=dispute_id, state=state, at=NOON + timedelta(minutes=minute))  # type: ignore[arg-type]


def after(*disputes: Dispute) -> OrderFacts:
    parts = [OrderFacts(snapshot=order(line(1000))), *(OrderFacts(disputes=(each,)) for each in disputes)]
    return merged(parts)


@pytest.mark.parametrize(
    ("told", "state", "left_minor"),
    [
        ([], None, 1000),
        ([dispute("open")], "open", 1000),
        ([dispute("open"), dispute("won", 1)], "won", 1000),
        ([dispute("won", 1), dispute("open")], "won", 1000),
        ([dispute("lost", 2), dispute("open")], "lost", 0),
        ([dispute("lost", 1), dispute("won", 2)], "won", 1000),
        ([dispute("won"), dispute("lost")], "lost", 0),
        ([dispute("won"), dispute("open", dispute_id="e")], "open", 1000),
        ([dispute("lost"), dispute("won", 5, dispute_id="e")], "lost", 0),
    ],
)
def test_only_a_lost_chargeback_takes_the_order(told: list[Dispute], state: str | None, left_minor: int) -> None:
    for news in (told, told[::-1]):
        facts = after(*news)
        assert (disputed(facts), amounts(facts)) == (state, (1000, left_minor))


def test_a_refund_that_failed_counts_no_more() -> None:
    paid = Refund(refund_id="r", gross_minor=300)
    failed = Refund(refund_id="r", gross_minor=300, version=1, withdrawn=True)
    for news in ((paid, failed), (failed, paid)):
        facts = merged([OrderFacts(snapshot=order(line(1000))), *(OrderFacts(refunds=(each,)) for each in news)])
        assert amounts(facts).final_base_minor == 1000
    assert left(order(line(1000)), Refund(refund_id="r", whole=True, withdrawn=True)) == 1000


def test_a_cancellation_on_the_snapshot_can_be_taken_back() -> None:
    cancelled = OrderFacts(snapshot=order(line(1000), cancelled_at=NOON))
    opened = OrderFacts(snapshot=order(line(1000), updated_at=NOON + timedelta(minutes=1)))
    assert amounts(cancelled).final_base_minor == 0
    for news in ([cancelled, opened], [opened, cancelled]):
        assert amounts(merged(news)).final_base_minor == 1000
    for_good = OrderFacts(cancelled_at=NOON)
    assert amounts(merged([cancelled, opened, for_good])).final_base_minor == 0


def test_a_deleted_order_is_cancelled_until_it_shows_up_again() -> None:
    gone = OrderFacts(gone_at=NOON + timedelta(minutes=1))
    before, again = (OrderFacts(snapshot=order(line(1000), updated_at=NOON + timedelta(minutes=n))) for n in (0, 2))
    assert cancelled_at(gone) == gone.gone_at
    assert cancelled_at(merged([before, gone])) == gone.gone_at
    assert cancelled_at(merged([again, gone, before])) is None


def test_deleting_an_order_whose_goods_had_left_takes_nothing_back() -> None:
    sent = OrderFacts(snapshot=order(line(1000), fulfilment="fulfilled"))
    assert amounts(merged([sent, OrderFacts(gone_at=NOON + timedelta(days=900))])).final_base_minor == 1000


def test_lines_that_a_refund_names_and_the_order_does_not_show_stay_visible() -> None:
    facts = OrderFacts(snapshot=order(line(1000)), refunds=(pieces("q", 1), pieces("r", 1, "zzz"), pieces("s", 1, "y")))
    assert unknown_lines(facts) == ["zzz", "y"]
    assert unknown_lines(OrderFacts(refunds=(pieces("r", 1),))) == ["a"]


def test_the_parts_of_an_order_make_its_total() -> None:
    goods = line(10_000, tax_minor=1_900), line(500, line_id="b")
    snapshot = order(*goods, total_minor=13_100, shipping_minor=412, shipping_tax_minor=78)
    assert snapshot.other_minor == 210


def placed(
    number: int, minute: int, person: int = 1, *, customer: int = 0, undone: bool = False, test: bool = False
) -> Placed:
    return Placed(
        order_id=OrderId(UUID(int=number)),
        person_id=PersonId(UUID(int=person)),
        customer_id=CustomerId(UUID(int=customer or 100 + person)),
        placed_at=NOON + timedelta(minutes=minute),
        sort_key=f"shopify:{number}",
        undone=undone,
        test=test,
        first_order=False,
    )


def test_the_first_order_is_the_earliest_that_stands() -> None:
    marks = first_orders([placed(3, 9), placed(1, 0, undone=True), placed(2, 5), placed(4, 7, person=2)])
    assert {order_id.int: first for order_id, first in marks.items()} == {1: True, 2: True, 3: False, 4: True}


def test_an_order_of_another_account_or_another_address_of_the_buyer_is_no_first() -> None:
    marks = first_orders([placed(1, 0), placed(2, 1, person=2, customer=101), placed(3, 2, customer=103)])
    assert {order_id.int: first for order_id, first in marks.items()} == {1: True, 2: False, 3: False}


def test_a_test_order_never_makes_a_real_one_the_second() -> None:
    marks = first_orders([placed(1, 0, test=True), placed(2, 1), placed(3, 2, test=True), placed(4, 3)])
    assert {order_id.int: first for order_id, first in marks.items()} == {1: True, 2: True, 3: False, 4: False}


def test_ties_are_broken_by_the_platforms_own_id() -> None:
    marks = first_orders([placed(2, 0), placed(1, 0)])
    assert {order_id.int: first for order_id, first in marks.items()} == {1: True, 2: False}
