"""The rules of a shop, for all its programmes: versioned as chains are, and never changed once in force."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from tracking.domain.attribution.chain import DEFAULT_VERSION, ConflictRule, CouponSiteRule, TouchRule, still_to_come


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


def rule_withdrawn(rules: Sequence[Rule], version: int, by: str, now: datetime) -> Rule:
    """The version as it is once it is withdrawn; refused unless it is still to come."""
    found = still_to_come(rules, version, now, (RuleInForce, UnknownRule, RuleWithdrawn))
    return replace(found, withdrawn_at=now, withdrawn_by=by)


def rule_in_force(rules: Sequence[Rule], now: datetime) -> int:
    """The version that decides an order placed now."""
    begun = (rule.version for rule in rules if rule.since <= now and rule.withdrawn_at is None)
    return max(begun, default=DEFAULT_VERSION)
