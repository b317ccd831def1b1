"""When a version of a chain comes into force, and until when it can be withdrawn; the shop's rules likewise."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.errors import DomainError
from tests.tracking.domain.attributing import DAY, NOON, PROGRAMME, everything_on
from tracking.domain.attribution import Chain
from tracking.domain.attribution.chain import BadStart, CouponSiteRule, next_chain, next_start, next_version, withdrawn
from tracking.domain.attribution.rules import (
    Policy,
    SiteRule,
    policy_at,
    rule_in_force,
    rule_withdrawn,
    site_rule_at,
)


def test_a_chain_never_comes_into_force_over_what_was_decided() -> None:
    assert next_start(NOON, None, NOON) == NOON
    assert next_start(None, NOON - DAY, NOON + timedelta(milliseconds=1)) == NOON
    for since, newest in ((NOON - timedelta(seconds=1), None), (NOON + DAY, NOON + DAY)):
        with pytest.raises(DomainError) as refusal:
            next_start(since, newest, NOON)
        assert (refusal.value.code, refusal.value.pointer) == ("bad_start", "/from")


def test_a_version_is_withdrawn_before_its_moment_only_and_its_number_is_not_given_again() -> None:
    def version(number: int, since: datetime) -> Chain:
        return Chain(programme_id=PROGRAMME, version=number, since=since, plan=everything_on())

    soon = timedelta(microseconds=1)
    chains_so_far = [version(2, NOON - DAY), version(3, NOON), version(4, NOON + soon)]
    gone = withdrawn(chains_so_far, 4, "key_1", NOON)
    assert (gone.withdrawn_at, gone.withdrawn_by, gone.version) == (NOON, "key_1", 4)
    after = [*chains_so_far[:2], gone]
    for chains_then, number, code in (
        (chains_so_far, 1, "chain_in_force"),
        (chains_so_far, 2, "chain_in_force"),
        (chains_so_far, 3, "chain_in_force"),
        (chains_so_far, 5, "unknown_chain_version"),
        (after, 4, "chain_withdrawn"),
    ):
        with pytest.raises(DomainError) as refusal:
            withdrawn(chains_then, number, "key_1", NOON)
        assert refusal.value.code == code
    following = next_chain(after, PROGRAMME, everything_on(), NOON + soon, NOON)
    assert (following.version, following.since) == (5, NOON + soon)
    with pytest.raises(BadStart):
        next_chain(chains_so_far, PROGRAMME, everything_on(), NOON + soon, NOON)


def _policy(version: int, since: datetime) -> Policy:
    return Policy(version=version, since=since, conflict="refuse")


def _site_rule(version: int, since: datetime) -> SiteRule:
    return SiteRule(version=version, since=since, rule=CouponSiteRule(on=False))


@pytest.mark.parametrize("rule", [_policy, _site_rule])
def test_a_rule_is_withdrawn_as_a_chain_is(rule: Callable[[int, datetime], Policy | SiteRule]) -> None:
    soon = NOON + timedelta(microseconds=1)
    rules: Any = [rule(2, NOON - DAY), rule(3, NOON), rule(4, soon)]
    gone = rule_withdrawn(rules, 4, "key_1", NOON)
    assert (gone.withdrawn_at, gone.withdrawn_by, gone.version) == (NOON, "key_1", 4)
    after = [*rules[:2], gone]
    for then, number, code in (
        (rules, 1, "rule_in_force"),
        (rules, 2, "rule_in_force"),
        (rules, 3, "rule_in_force"),
        (rules, 5, "unknown_rule_version"),
        (after, 4, "rule_withdrawn"),
    ):
        with pytest.raises(DomainError) as refusal:
            rule_withdrawn(then, number, "key_1", NOON)
        assert refusal.value.code == code
    assert next_version(after, soon, NOON) == (5, soon)
    with pytest.raises(BadStart):
        next_version(rules, soon, NOON)
    assert [rule_in_force(some, NOON + DAY) for some in (rules, after, [])] == [4, 3, 1]


def test_rules_decide_from_their_moment_on() -> None:
    assert policy_at([_policy(2, NOON)], NOON) == ("refuse", "last")
    assert policy_at([_policy(2, NOON)], NOON - DAY) == ("chain_order", "last")
    assert [site_rule_at([_site_rule(2, NOON)], at).on for at in (NOON, NOON - DAY)] == [False, True]
