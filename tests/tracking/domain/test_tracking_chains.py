"""Chains as data: order, windows, first or last touch, conflicts, several programmes, what can be set at all."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, ProgrammeId
from tests.tracking.domain.attributing import (
    ADA,
    BEN,
    CLAIM,
    CLICK,
    DAY,
    NOON,
    ORDER,
    OTHER,
    PROGRAMME,
    ZOE,
    advocate,
    attribute,
    chains,
    claim,
    click,
    everything_on,
    known_under,
    losses,
    order,
)
from tracking.domain.attribution import Chain, Credit, Known, KnownSeat, Plan, Policy, Step
from tracking.domain.attribution.chain import DEFAULT_PLAN, CouponSiteRule, plan_at
from tracking.domain.decision import METHODS, Method
from tracking.domain.hint import OrderHint
from tracking.domain.signs import Signs

NAME, OTHER_NAME, PHONE, ADDRESS = UUID(int=21), UUID(int=23), UUID(int=22), b"x" * 16
HINT = OrderHint(order_ref="1", click_id=CLICK, at=NOON)


CASES: dict[Method, tuple[dict[str, Any], dict[str, Any]]] = {
    # method -> what the order carries, what is known besides
    "manual": ({}, {"credits": {ORDER: Credit(
        order_id=ORDER, programme_id=PROGRAMME, advocate_id=ADA, reason="She called.", credited_at=NOON)}}),
    "signed_claim": ({"claim_id": CLAIM}, {"claims": {CLAIM: claim()}}),
    "coupon_code": ({"codes": ("z0e5-2026",)}, {"advocates_by_code": {"Z0E52026": [advocate(ADA)]}}),
    "click_id": ({"click_id": CLICK}, {"clicks": {CLICK: click()}}),
    "cookie": ({}, {"hints": {"1": [HINT]}, "clicks": {CLICK: click()}}),
    "friend_email": ({"person_id": BEN}, {"claims_by_person": {BEN: [claim()]}}),
    "phone": ({"signs": Signs(phone_id=PHONE)}, {"claims_by_phone": {PHONE: [claim()]}}),
    "refer_by_name": ({"signs": Signs(name_key=NAME)}, {"advocates_by_name": {NAME: [advocate(ADA)]}}),
    "invite_code": ({"person_id": BEN}, {
        "seats": {BEN: [KnownSeat(code="J0IN2026", inviter_id=CustomerId(UUID(int=30)), campaign="", person_id=BEN,
                                  redeemed_at=NOON - DAY)]},
        "advocates_by_customer": {CustomerId(UUID(int=30)): [advocate(ADA)]}}),
    "campaign_utm": ({"attributes": (("utm_campaign", "spring sale"),)}, {}),
    "same_address": ({}, {"hints": {"1": [replace(HINT, click_id=None, address_hash=ADDRESS)]},
                          "clicks_by_address": {ADDRESS: [click(clicked_at=NOON - timedelta(minutes=59))]}}),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_every_method_credits_when_the_chain_has_it(method: Method) -> None:
    carried, besides = CASES[method]
    winner = attribute(order(**carried), known_under(**besides)).winner
    assert winner is not None
    assert (winner.method, winner.programme_id) == (method, PROGRAMME)
    assert (winner.advocate_id, winner.campaign) == ((None, "Spring Sale") if method == "campaign_utm" else (ADA, None))
    assert winner.reason.endswith(".")
    assert winner.evidence


@pytest.mark.parametrize("method", METHODS[1:])
def test_a_method_that_is_off_says_so_and_one_that_is_missing_is_not_looked_for(method: Method) -> None:
    carried, besides = CASES[method]
    steps = tuple(Step(method=each, on=each != method) for each in METHODS)
    decided = attribute(order(**carried), known_under(everything_on(steps=steps), **besides))
    assert (decided.winner, losses(decided)) == (None, [(method, "switched_off")])
    without = everything_on(steps=tuple(step for step in steps if step.method != method))
    decided = attribute(order(**carried), known_under(without, **besides))
    assert (decided.winner, losses(decided)) == (None, [])


@pytest.mark.parametrize("method", ["signed_claim", "click_id", "cookie", "friend_email", "phone", "invite_code"])
def test_a_window_of_the_chain_counts_to_its_end(method: Method) -> None:
    carried, besides = CASES[method]
    ago = 48 if method in ("click_id", "cookie") else 24
    for hours, credited in ((ago, True), (ago - 1, False)):
        steps = (Step(method="manual"), Step(method=method, window_hours=hours))
        decided = attribute(order(**carried), known_under(everything_on(steps=steps), **besides))
        assert (decided.winner is not None) is credited
        assert credited or losses(decided) == [(method, "out_of_window")]


def _several(rule: str, touch: str = "last", steps: tuple[Step, ...] = everything_on().steps) -> Any:
    """Ada's click of two days ago, Zoe's code typed now, Ada's claim of yesterday."""
    known = known_under(
        everything_on(conflict=rule, touch=touch, steps=steps),
        clicks={CLICK: click()},
        advocates_by_code={"Z0E52026": [advocate(ZOE)]},
        claims_by_person={BEN: [claim()]},
    )
    return attribute(order(codes=("z0e5-2026",), click_id=CLICK, person_id=BEN), known)


def test_the_chain_order_decides_and_can_be_another() -> None:
    assert _several("chain_order").winner.advocate_id == ZOE
    turned = (Step(method="manual"), Step(method="friend_email"), Step(method="coupon_code"))
    assert _several("chain_order", steps=turned).winner.method == "friend_email"


def test_the_newest_touch_decides_where_the_rule_says_so() -> None:
    turned = (Step(method="manual"), Step(method="click_id"), Step(method="friend_email"), Step(method="coupon_code"))
    assert _several("newest_touch", steps=turned).winner.method == "coupon_code"
    assert _several("chain_order", steps=turned).winner.method == "click_id"


def test_nobody_is_credited_when_a_conflict_is_refused() -> None:
    decided = _several("refuse")
    assert decided.winner is None
    assert losses(decided) == [("coupon_code", "conflict"), ("click_id", "conflict"), ("friend_email", "conflict")]
    same = everything_on(steps=(Step(method="manual"), Step(method="click_id"), Step(method="friend_email"))).steps
    assert _several("refuse", steps=same).winner.method == "click_id", "both point at Ada: no conflict"


@pytest.mark.parametrize(("touch", "expected"), [("first", ADA), ("last", ZOE)])
def test_first_or_last_touch_of_one_method(touch: str, expected: AdvocateId) -> None:
    late = claim(claim_id=ClaimId(UUID(int=31)), advocate_id=ZOE, claimed_at=NOON - timedelta(hours=2))
    known = known_under(everything_on(touch=touch), claims_by_person={BEN: [late, claim()]})
    winner = attribute(order(person_id=BEN), known).winner
    assert winner is not None
    assert winner.advocate_id == expected


@pytest.mark.parametrize(("rule", "expected"), [("chain_order", PROGRAMME), ("newest_touch", OTHER), ("refuse", None)])
def test_between_programmes_the_rule_of_the_shop_decides(rule: Any, expected: ProgrammeId | None) -> None:
    seen = click(click_id=ClickId(UUID(int=32)), programme_id=OTHER, advocate_id=ZOE, clicked_at=NOON - DAY / 2)
    known = Known(
        **chains(everything_on(), PROGRAMME, OTHER),
        claims={CLAIM: claim()},
        clicks={seen.click_id: seen},
        policies=[Policy(version=2, since=NOON - DAY, conflict=rule)],
    )
    decided = attribute(order(claim_id=CLAIM, click_id=seen.click_id), known)
    assert (decided.winner.programme_id if decided.winner else None) == expected
    assert {(used.programme_id, used.version) for used in decided.chains} == {(PROGRAMME, 2), (OTHER, 2)}
    assert len(decided.losers) == (1 if expected else 2)


@pytest.mark.parametrize("first", [PROGRAMME, OTHER])
def test_codes_of_two_programmes_count_in_the_order_in_which_they_were_typed(first: ProgrammeId) -> None:
    """Whatever else points at either of them, and counts less in its chain."""
    known = Known(
        **chains(everything_on(steps=(Step(method="manual"), Step(method="coupon_code"), Step(method="signed_claim")))),
        claims={CLAIM: claim()},
        advocates_by_code={"ADA22026": [advocate(ADA, "ADA22026")], "Z0E52026": [advocate(programme_id=OTHER)]},
    )
    codes = ("ADA2-2026", "Z0E5-2026") if first == PROGRAMME else ("Z0E5-2026", "ADA2-2026")
    winner = attribute(order(claim_id=CLAIM, codes=codes), known).winner
    assert winner is not None
    assert (winner.method, winner.programme_id) == ("coupon_code", first)


@pytest.mark.parametrize("step", [Step(method="click_id", on=False), Step(method="click_id", window_hours=1)])
def test_an_order_that_nobody_gets_says_by_which_chain(step: Step) -> None:
    known = known_under(everything_on(steps=(Step(method="manual"), step)), clicks={CLICK: click()})
    decided = attribute(order(click_id=CLICK), known)
    assert (decided.winner, decided.chain) == (None, 2)
    assert [(used.programme_id, used.version) for used in decided.chains] == [(PROGRAMME, 2)]


def test_what_a_person_says_stands_above_every_chain() -> None:
    credit = Credit(order_id=ORDER, programme_id=OTHER, advocate_id=ZOE, reason="Ben said so.", credited_at=NOON)
    policy = Policy(version=2, since=NOON - DAY, conflict="refuse")
    known = known_under(
        everything_on(conflict="refuse"), claims={CLAIM: claim()}, credits={ORDER: credit}, policies=[policy]
    )
    decided = attribute(order(claim_id=CLAIM), known)
    assert decided.winner is not None
    assert (decided.winner.method, decided.winner.advocate_id, decided.winner.evidence) == (
        "manual",
        ZOE,
        "Ben said so.",
    )
    assert losses(decided) == [("signed_claim", "outranked")]


def test_a_name_that_two_advocates_have_waits_for_a_person() -> None:
    known = known_under(advocates_by_name={NAME: [advocate(ADA), advocate(ZOE)]})
    decided = attribute(order(signs=Signs(name_key=NAME)), known)
    assert (losses(decided), decided.review) == ([("refer_by_name", "ambiguous")], str(NAME))


def test_a_name_that_a_page_told_counts_as_one_on_the_order_does_and_once() -> None:
    hints = {"1": [replace(HINT, click_id=None, name_key=NAME), replace(HINT, click_id=None, name_key=OTHER_NAME)]}
    known = known_under(hints=hints, advocates_by_name={NAME: [advocate(ADA)]})
    decided = attribute(order(signs=Signs(name_key=NAME)), known)
    assert (decided.winner and decided.winner.advocate_id) == ADA
    assert losses(decided) == [("refer_by_name", "unknown")]
    late = {"1": [replace(HINT, click_id=None, name_key=NAME, at=NOON + timedelta(minutes=61))]}
    assert attribute(order(), known_under(hints=late, advocates_by_name={NAME: [advocate(ADA)]})).winner is None


def test_a_hint_counts_at_the_checkout_only() -> None:
    for away, credited in ((timedelta(minutes=60), True), (timedelta(minutes=61), False)):
        known = known_under(hints={"1": [replace(HINT, at=NOON + away)]}, clicks={CLICK: click()})
        assert (attribute(order(), known).winner is not None) is credited


def test_an_address_says_something_for_an_hour_before() -> None:
    for at in (NOON - timedelta(minutes=61), NOON + timedelta(minutes=1)):
        hint = replace(HINT, click_id=None, address_hash=ADDRESS)
        known = known_under(hints={"1": [hint]}, clicks_by_address={ADDRESS: [click(clicked_at=at)]})
        assert attribute(order(), known).winner is None


def test_each_order_is_decided_by_the_chain_in_force_when_it_was_placed() -> None:
    versions = [
        Chain(programme_id=PROGRAMME, version=n + 2, since=NOON + n * DAY, plan=everything_on()) for n in (0, 1)
    ]
    seen = [plan_at(versions, NOON + timedelta(hours=hours))[0] for hours in (-1, 0, 23, 24, 99)]
    assert seen == [1, 2, 2, 3, 3]
    assert plan_at(versions, NOON - DAY)[1] == DEFAULT_PLAN


@pytest.mark.parametrize(
    ("plan", "code", "pointer"),
    [
        (Plan(steps=()), "manual_must_lead", "/steps/0"),
        (Plan(steps=(Step(method="click_id"), Step(method="manual"))), "manual_must_lead", "/steps/0"),
        (Plan(steps=(Step(method="manual", on=False),)), "manual_must_lead", "/steps/0"),
        (Plan(steps=(Step(method="manual"), Step(method="phone"), Step(method="phone"))), "method_twice",
         "/steps/2/method"),
        (Plan(steps=(Step(method="manual", window_hours=2),)), "bad_touch_window", "/steps/0/window_hours"),
        (Plan(steps=(Step(method="manual"), Step(method="phone", window_hours=0))), "bad_touch_window",
         "/steps/1/window_hours"),
        (Plan(steps=(Step(method="manual"), Step(method="same_address", window_hours=2))), "bad_touch_window",
         "/steps/1/window_hours"),
        (Plan(steps=(Step(method="manual"), Step(method="campaign_utm"))), "bad_campaigns", "/campaigns"),
        (everything_on(campaigns=("a", " A")), "bad_campaigns", "/campaigns/1"),
        (everything_on(campaigns=("a", "\u200b")), "bad_campaigns", "/campaigns/1"),
        (everything_on(coupon_site=CouponSiteRule(orders=1)), "bad_threshold", "/coupon_site/orders"),
    ],
)  # fmt: skip
def test_a_chain_that_cannot_be_meant_is_refused_and_the_field_named(plan: Plan, code: str, pointer: str) -> None:
    with pytest.raises(DomainError) as refusal:
        plan.check()
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)


def test_the_default_chain_and_one_with_everything_can_be_set() -> None:
    DEFAULT_PLAN.check()
    everything_on().check()


@settings(max_examples=40)
@given(st.permutations(range(4)), st.permutations(range(3)), st.sampled_from(["chain_order", "newest_touch", "refuse"]))
def test_the_order_in_which_facts_became_known_changes_nothing(claims: Any, hints: Any, rule: Any) -> None:
    """Facts are handed over in the order in which they were stored."""
    people = [ADA, ZOE, ADA, ZOE]
    made = [
        claim(claim_id=ClaimId(UUID(int=40 + n)), advocate_id=people[n], claimed_at=NOON - (n + 1) * timedelta(hours=5))
        for n in range(4)
    ]
    said = [OrderHint(order_ref="1", claim_id=made[n].claim_id, at=NOON + timedelta(seconds=n % 2)) for n in range(3)]

    def decided(order_of_claims: Any, order_of_hints: Any) -> Any:
        known = known_under(
            everything_on(conflict=rule),
            claims={made[n].claim_id: made[n] for n in order_of_claims},
            claims_by_person={BEN: [made[n] for n in order_of_claims]},
            hints={"1": [said[n] for n in order_of_hints]},
        )
        return attribute(order(person_id=BEN), known)

    assert decided(claims, hints) == decided(range(4), range(3))
