"""The chain: how a programme decides whom an order is credited to. Data, versioned, and never changed once in force."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import ProgrammeId
from kernel.texts import can_be_seen
from tracking.domain.decision import METHODS, Method

DEFAULT_VERSION: Final = 1
"""What every programme and every shop has from the start, of chains and of rules."""
LONGEST_WINDOW: Final = timedelta(days=400)
MOST_CAMPAIGNS: Final = 50
LONGEST_CAMPAIGN: Final = 200

TouchRule = Literal["first", "last"]
ConflictRule = Literal["chain_order", "newest_touch", "refuse"]
"""chain_order: the method that stands first in the chain decides. newest_touch: whatever happened last decides.
refuse: nobody is credited."""


class ManualMustLead(DomainError):
    code = "manual_must_lead"
    title = "What a person decides stands first in every chain, and cannot be switched off"


class MethodTwice(DomainError):
    code = "method_twice"
    title = "A method stands in the chain once"


class BadWindow(DomainError):
    code = "bad_touch_window"
    title = "This window cannot be used"


class BadCampaigns(DomainError):
    code = "bad_campaigns"
    title = "The campaigns cannot be used like this"


class BadThreshold(DomainError):
    code = "bad_threshold"
    title = "This threshold cannot be used"


class BadStart(DomainError):
    code = "bad_start"
    title = "A chain cannot come into force then"


class UnknownVersion(DomainError):
    code = "unknown_chain_version"
    kind = "not_found"
    title = "The programme's chain has no such version"


class ChainInForce(DomainError):
    code = "chain_in_force"
    kind = "conflict"
    title = "A chain that has come into force stays: set another one"


class ChainWithdrawn(DomainError):
    code = "chain_withdrawn"
    kind = "conflict"
    title = "The chain was withdrawn already"


class Step(Struct, frozen=True, kw_only=True):
    """One method of a chain. `window_hours` of None leaves it to the programme's terms and the claim's expiry."""

    method: Method
    on: bool = True
    window_hours: int | None = None

    @property
    def window(self) -> timedelta | None:
        return None if self.window_hours is None else timedelta(hours=self.window_hours)


class CouponSiteRule(Struct, frozen=True, kw_only=True):
    """When an advocate's code counts as found on a coupon site: see `coupon_site.tripped_at` for the formula."""

    on: bool = True
    orders: int = 30
    hours: int = 24
    share_percent: int = 90

    def check(self, pointer: str = "") -> None:
        """Refuse thresholds that cannot be meant."""
        limits = (("orders", 2, 100_000), ("hours", 1, 720), ("share_percent", 1, 100))
        for name, least, most in limits:
            if not least <= getattr(self, name) <= most:
                raise BadThreshold(f"It is {least} to {most}.", pointer=f"{pointer}/{name}")


class Plan(Struct, frozen=True, kw_only=True):
    """What a chain says, before it has a version and a beginning."""

    steps: tuple[Step, ...]
    touch: TouchRule = "last"
    conflict: ConflictRule = "chain_order"
    campaigns: tuple[str, ...] = ()
    """Values of utm_campaign, and names of invite campaigns, that credit this programme."""
    coupon_site: CouponSiteRule | None = None
    """None: as the shop has it for all its programmes."""

    def step(self, method: Method) -> Step | None:
        return next((step for step in self.steps if step.method == method), None)

    def rank(self, method: Method) -> int:
        return next((place for place, step in enumerate(self.steps) if step.method == method), len(self.steps))

    def check(self, at: str = "") -> None:
        """Refuse what cannot be meant; each refusal names the field, below `at`."""
        _check_steps(self.steps, at)
        _check_campaigns(self, at)
        if self.coupon_site is not None:
            self.coupon_site.check(f"{at}/coupon_site")


class Chain(Struct, frozen=True, kw_only=True):
    """A version of a programme's chain. It decides the orders placed from `since` on, until the next version's.

    One that was withdrawn before `since` decides none. Its number is not given again.
    """

    programme_id: ProgrammeId
    version: int
    since: datetime
    plan: Plan
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


DEFAULT_PLAN: Final = Plan(steps=tuple(Step(method=method) for method in METHODS[:6]))
"""Version 1 of every programme's chain: manual, signed claim, coupon code, click, cookie, friend's e-mail."""


def plan_at(chains: Sequence[Chain], moment: datetime) -> tuple[int, Plan]:
    """Version and plan in force at a moment. `chains` are one programme's, sorted by `since`."""
    place = bisect_right(chains, moment, key=lambda chain: chain.since)
    return (chains[place - 1].version, chains[place - 1].plan) if place else (DEFAULT_VERSION, DEFAULT_PLAN)


def next_chain(
    chains: Sequence[Chain], programme_id: ProgrammeId, plan: Plan, since: datetime | None, now: datetime
) -> Chain:
    """The chain that comes after all versions that there are: see `next_version`."""
    version, since = next_version(chains, since, now)
    return Chain(programme_id=programme_id, version=version, since=since, plan=plan)


def withdrawn(chains: Sequence[Chain], version: int, by: str, now: datetime) -> Chain:
    """The version as it is once it is withdrawn; refused unless it is still to come."""
    found = still_to_come(chains, version, now, (ChainInForce, UnknownVersion, ChainWithdrawn))
    return replace(found, withdrawn_at=now, withdrawn_by=by)


class Version(Protocol):
    """What chains and the rules of a shop have in common."""

    @property
    def version(self) -> int: ...
    @property
    def since(self) -> datetime: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


V = TypeVar("V", bound=Version)


def next_version(before: Sequence[Version], since: datetime | None, now: datetime) -> tuple[int, datetime]:
    """Number and beginning of what comes after all that there are, and begins after those that stand."""
    standing = [each.since for each in before if each.withdrawn_at is None]
    number = max((each.version for each in before), default=DEFAULT_VERSION) + 1
    return number, next_start(since, max(standing, default=None), now)


def still_to_come(versions: Sequence[V], version: int, now: datetime, refusals: tuple[type[DomainError], ...]) -> V:
    """The version, if it has not come into force yet; `refusals` are of one in force, unknown, and withdrawn."""
    in_force, unknown, gone = refusals
    found = next((each for each in versions if each.version == version), None)
    if version == DEFAULT_VERSION or (found is not None and found.withdrawn_at is None and found.since <= now):
        raise in_force
    if found is None:
        raise unknown
    if found.withdrawn_at is not None:
        raise gone
    return found


def next_start(since: datetime | None, newest: datetime | None, now: datetime) -> datetime:
    """The moment from which a new version decides: not in the past, and after the version before it began.

    None is the present second: platforms tell when an order was placed in whole seconds.
    """
    present = now.replace(microsecond=0)
    since = since or present
    if since < present:
        raise BadStart("A chain does not come into force in the past: what another decided stays.", pointer="/from")
    if newest is not None and since <= newest:
        raise BadStart(f"Another version comes into force at {newest.isoformat()}.", pointer="/from")
    return since


def _check_steps(steps: tuple[Step, ...], at: str) -> None:
    if not steps or steps[0].method != "manual" or not steps[0].on:
        raise ManualMustLead(pointer=f"{at}/steps/0")
    seen: set[str] = set()
    for place, step in enumerate(steps):
        if step.method in seen:
            raise MethodTwice(f"{step.method} stands in the chain twice.", pointer=f"{at}/steps/{place}/method")
        seen.add(step.method)
        _check_window(step, f"{at}/steps/{place}/window_hours")


def _check_window(step: Step, pointer: str) -> None:
    window = step.window
    if window is None:
        return
    if step.method == "manual":
        raise BadWindow("What a person decides has no window.", pointer=pointer)
    if not timedelta(hours=1) <= window <= LONGEST_WINDOW:
        raise BadWindow(f"A window is 1 hour to {LONGEST_WINDOW.days} days.", pointer=pointer)
    if step.method == "same_address" and window > timedelta(hours=1):
        raise BadWindow("An address says something for an hour at most.", pointer=pointer)


def _check_campaigns(plan: Plan, at: str) -> None:
    if len(plan.campaigns) > MOST_CAMPAIGNS:
        raise BadCampaigns(f"A chain names at most {MOST_CAMPAIGNS} campaigns.", pointer=f"{at}/campaigns")
    folded = [campaign.strip().casefold() for campaign in plan.campaigns]
    for place, name in enumerate(folded):
        if not can_be_seen(name) or len(name) > LONGEST_CAMPAIGN:
            raise BadCampaigns("A campaign has 1 to 200 letters.", pointer=f"{at}/campaigns/{place}")
        if name in folded[:place]:
            raise BadCampaigns("A campaign is named once.", pointer=f"{at}/campaigns/{place}")
    step = plan.step("campaign_utm")
    if step is not None and step.on and not folded:
        raise BadCampaigns("Name the campaigns that campaign_utm shall credit.", pointer=f"{at}/campaigns")
