"""Codes on coupon sites: the formula, over any set of uses in any order."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.ids import OrderId
from tests.tracking.domain.attributing import (
    ADA,
    BEN,
    CLICK,
    DAY,
    NOON,
    PROGRAMME,
    advocate,
    attribute,
    claim,
    click,
    everything_on,
    losses,
    order,
)
from tracking.domain.attribution import Chain, Known
from tracking.domain.attribution.chain import CouponSiteRule
from tracking.domain.attribution.coupon_site import Use, to_watch, tripped_at, uses_of
from tracking.domain.attribution.known import Alert
from tracking.domain.attribution.rules import SiteRule
from tracking.domain.order import Order, OrderFacts, OrderKey, Snapshot
from tracking.domain.replay import Replay, ReplayId, codes_to_watch

RULE = CouponSiteRule(orders=3, hours=2, share_percent=60)
USES = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=14)


def _uses(said: list[tuple[int, bool]]) -> list[Use]:
    return [
        Use(code="ADA22026", order_id=OrderId(UUID(int=n)), placed_at=NOON + half * DAY / 48, touched=touched)
        for n, (half, touched) in enumerate(said)
    ]


@given(USES, st.randoms())
def test_the_moment_is_the_earliest_at_which_the_formula_holds(said: list[tuple[int, bool]], chance: object) -> None:
    uses = _uses(said)
    expected = None
    for moment in sorted({use.placed_at for use in uses}, reverse=True):
        within = [use for use in uses if moment - timedelta(hours=2) <= use.placed_at <= moment]
        strangers = [use for use in within if not use.touched]
        if len(within) >= 3 and 100 * len(strangers) >= 60 * len(within):
            expected = moment
    shuffled = list(uses)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tripped_at(shuffled, RULE) == expected


def test_an_old_use_leaves_the_window() -> None:
    assert tripped_at(_uses([(0, False), (2, False), (4, False)]), RULE) == NOON + 4 * DAY / 48
    assert tripped_at(_uses([(0, False), (2, False), (5, False)]), RULE) is None
    assert tripped_at(_uses([(0, False)] * 3), CouponSiteRule(on=False, orders=2)) is None


def _order(snapshot: Snapshot) -> Order:
    return Order(order_id=OrderId(UUID(int=8)), key=OrderKey("own", "1"), facts=OrderFacts(snapshot=snapshot))


def test_who_met_a_recommendation_before_is_no_stranger() -> None:
    known = Known(
        advocates_by_code={"ADA22026": [advocate(ADA, "ADA22026")]},
        claims_by_person={BEN: [claim()]},
        clicks={CLICK: click()},
    )
    carried = {"codes": ("ada2-2026",)}
    seen = [
        uses_of([_order(order(**carried | more))], known)[0].touched
        for more in ({}, {"person_id": BEN}, {"click_id": CLICK}, {"person_id": BEN, "placed_at": NOON - 2 * DAY})
    ]
    assert seen == [False, True, True, False]
    assert uses_of([_order(order(codes=("other",))), _order(order(test=True, **carried))], known) == []


def test_every_rule_in_force_since_the_earliest_use_is_looked_at() -> None:
    since = NOON + DAY
    plan = everything_on(coupon_site=CouponSiteRule(hours=5))
    known = Known(
        advocates_by_code={"ADA22026": [advocate(ADA, "ADA22026")]},
        chains={PROGRAMME: [Chain(programme_id=PROGRAMME, version=2, since=since, plan=plan)]},
    )
    watched = to_watch(_uses([(2, False), (0, True)]), known)
    assert [(each.since, each.until, each.rule.hours) for each in watched] == [(NOON, since, 24), (since, None, 5)]
    assert [each.scan_from for each in watched] == [NOON - DAY, since - timedelta(hours=5)]


def test_the_shops_rule_is_looked_at_where_the_chain_says_nothing() -> None:
    own, theirs = CouponSiteRule(hours=5), CouponSiteRule(on=False)
    chain = Chain(programme_id=PROGRAMME, version=2, since=NOON + 2 * DAY, plan=everything_on(coupon_site=RULE))
    known = Known(
        advocates_by_code={"ADA22026": [advocate(ADA, "ADA22026")]},
        chains={PROGRAMME: [chain]},
        site_rules=[
            SiteRule(version=2, since=NOON - DAY, rule=own),
            SiteRule(version=3, since=NOON + DAY, rule=theirs),
            SiteRule(version=4, since=NOON + 3 * DAY, rule=own),
        ],
    )
    watched = to_watch(_uses([(0, True)]), known)
    # After the chain's beginning its own rule counts, whatever the shop says: the third piece has the same one.
    assert [(each.since, each.until, each.rule) for each in watched] == [
        (NOON, NOON + DAY, own),
        (NOON + 2 * DAY, NOON + 3 * DAY, RULE),
        (NOON + 3 * DAY, None, RULE),
    ]


def test_no_rule_looks_at_a_code_while_it_is_exempt_nor_at_what_was_ordered_then() -> None:
    known = Known(advocates_by_code={"ADA22026": [advocate(ADA, "ADA22026")]}, exempt={"ADA22026": None})
    assert to_watch(_uses([(0, False)]), known) == []
    later = NOON + timedelta(hours=1)
    (watched,) = to_watch(_uses([(0, False)]), replace(known, exempt={"ADA22026": later}))
    assert (watched.since, watched.scan_from) == (later, later)
    alert = Alert(code="ADA22026", programme_id=PROGRAMME, advocate_id=ADA, tripped_at=NOON)
    for exempt, credited in (({"ADA22026": None}, True), ({"ADA22026": later}, False), ({}, False)):
        decided = attribute(order(codes=("ada2-2026",)), replace(known, alerts={"ADA22026": alert}, exempt=exempt))
        assert (decided.winner is not None) is credited


def test_a_replay_counts_by_its_own_rule_else_by_the_shops_and_leaves_exempt_codes_alone() -> None:
    theirs = CouponSiteRule(hours=5)
    known = Known(
        advocates_by_code={code: [advocate(ADA, code)] for code in ("ADA22026", "P0STER26", "LATER026")},
        site_rules=[SiteRule(version=2, since=NOON, rule=theirs), SiteRule(version=3, since=NOON + DAY, rule=RULE)],
        exempt={"P0STER26": None, "LATER026": NOON - DAY},
    )

    def watched(rule: CouponSiteRule | None) -> list[tuple[str, CouponSiteRule]]:
        plan = everything_on(coupon_site=rule)
        replay = Replay(
            replay_id=ReplayId(UUID(int=1)), programme_id=PROGRAMME, plan=plan, since=NOON - 9 * DAY, until=NOON
        )
        found = codes_to_watch(replay, known)
        assert [each.since for each in found][1:] == [NOON - DAY][: len(found)]
        return [(each.code, each.rule) for each in found]

    assert watched(None) == [("ADA22026", theirs), ("LATER026", theirs)]
    assert watched(RULE) == [("ADA22026", RULE), ("LATER026", RULE)]
    assert watched(CouponSiteRule(on=False)) == []


def test_a_code_that_tripped_credits_nobody_from_then_on() -> None:
    alert = Alert(code="ADA22026", programme_id=PROGRAMME, advocate_id=ADA, tripped_at=NOON)
    for state, placed, credited in (("open", NOON, False), ("blocked", NOON, False), ("released", NOON, True),
                                    ("open", NOON - DAY, True)):  # fmt: skip
        known = Known(
            advocates_by_code={"ADA22026": [advocate(ADA, "ADA22026")]},
            alerts={"ADA22026": Alert(**{name: getattr(alert, name) for name in ("code", "programme_id", "advocate_id",
                                      "tripped_at")}, state=state)},  # type: ignore[arg-type]
        )  # fmt: skip
        decided = attribute(order(codes=("ada2-2026",), placed_at=placed), known)
        assert (decided.winner is not None) is credited
        assert credited or losses(decided) == [("coupon_code", "coupon_site")]
