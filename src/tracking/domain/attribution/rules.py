"""The rules of a shop, for all its programmes: versioned as chains are, and never changed once in force."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from tracking.domain.attribution.chain import DEFAULT_VERSION, ConflictRule, CouponSiteRule, TouchRule, next_start


class UnknownRule(DomainError):
    code = "unknown_rule_version"
    kind = "not_found"
    title = "The shop's rule has no such version"


class RuleInForce(DomainError):
    code = "rule_in_force"
    kind = "conflict"
    title = "A rule that has come into force stays: set another one"


class RuleWithdrawn(DomainError):
    code = "rule_withdrawn"
    kind = "conflict"
    title = "The rule was withdrawn already"


class Policy(Struct, frozen=True, kw_only=True):
    """What a shop says, from `since` on, when several of its programmes have a candidate for one order.

    One that was withdrawn before `since` says nothing. Its number is not given again.
    """

    version: int
    since: datetime
    conflict: ConflictRule = "chain_order"
    touch: TouchRule = "last"
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


class SiteRule(Struct, frozen=True, kw_only=True):
    """What a shop says, from `since` on, of coupon sites, for the programmes whose chain says nothing of its own.

    One that was withdrawn before `since` says nothing. Its number is not given again.
    """

    version: int
    since: datetime
    rule: CouponSiteRule
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


Rule = TypeVar("Rule", Policy, SiteRule)


def policy_at(policies: Sequence[Policy], moment: datetime) -> tuple[ConflictRule, TouchRule]:
    """The shop's rules in force at a moment. `policies` are sorted by `since`."""
    place = bisect_right(policies, moment, key=lambda policy: policy.since)
    return (policies[place - 1].conflict, policies[place - 1].touch) if place else ("chain_order", "last")


def site_rule_at(rules: Sequence[SiteRule], moment: datetime) -> CouponSiteRule:
    """The shop's rule in force at a moment. `rules` are sorted by `since`."""
    place = bisect_right(rules, moment, key=lambda rule: rule.since)
    return rules[place - 1].rule if place else CouponSiteRule()


def next_version(
    before: Sequence[Policy] | Sequence[SiteRule], since: datetime | None, now: datetime
) -> tuple[int, datetime]:
    """Number and beginning of what comes after all versions that there are, in force after those that stand: see
    `next_start`."""
    standing = [rule.since for rule in before if rule.withdrawn_at is None]
    number = max((rule.version for rule in before), default=DEFAULT_VERSION) + 1
    return number, next_start(since, max(standing, default=None), now)


def rule_withdrawn(rules: Sequence[Rule], version: int, by: str, now: datetime) -> Rule:
    """The version as it is once it is withdrawn; refused unless it is still to come."""
    found = next((rule for rule in rules if rule.version == version), None)
    if version == DEFAULT_VERSION or (found is not None and found.withdrawn_at is None and found.since <= now):
        raise RuleInForce
    if found is None:
        raise UnknownRule
    if found.withdrawn_at is not None:
        raise RuleWithdrawn
    return replace(found, withdrawn_at=now, withdrawn_by=by)


def rule_in_force(rules: Sequence[Rule], now: datetime) -> int:
    """The version that decides an order placed now."""
    begun = (rule.version for rule in rules if rule.since <= now and rule.withdrawn_at is None)
    return max(begun, default=DEFAULT_VERSION)
