"""An ordered funnel asked for at will: who did the steps one after the other, within a time from the first."""

from datetime import timedelta
from typing import Final, Literal, get_args

from msgspec import Struct

from kernel.errors import DomainError

Step = Literal[
    "visit", "click", "claim", "order", "credited_order", "page", "sign_up", "share", "purchase", "track"
]  # fmt: skip
STEPS: Final[tuple[Step, ...]] = get_args(Step)
TAG_STEPS: Final = frozenset({"page", "sign_up", "share", "purchase", "track"})
"""What the shop's own pages saw, by the tag. `track:name` is one of the shop's own events."""
LONGEST: Final = timedelta(days=90)
LONGEST_NAME: Final = 100


class UnknownStep(DomainError):
    code = "unknown_step"
    title = "There is no such step"


class RepeatedStep(DomainError):
    code = "repeated_step"
    title = "A step can be asked for once"


class TooFewSteps(DomainError):
    code = "too_few_steps"
    title = "A funnel has two steps at least"


class BadWindow(DomainError):
    code = "bad_window"
    title = "The time allowed is between an hour and 90 days"


class StepFunnel(Struct, frozen=True, kw_only=True):
    steps: tuple[str, ...]
    within: timedelta


def step_funnel(steps: str, hours: int) -> StepFunnel:
    """The funnel that "visit,claim,order" and so many hours ask for; refuses what makes none."""
    named = tuple(step.strip() for step in steps.split(",") if step.strip())
    if not all(map(_is_known, named)):
        raise UnknownStep(f"Steps are {', '.join(STEPS)}, and track:name.", pointer="/steps")
    if len(set(named)) != len(named):
        raise RepeatedStep(pointer="/steps")
    if len(named) < 2:
        raise TooFewSteps(pointer="/steps")
    within = timedelta(hours=hours)
    if not timedelta(hours=1) <= within <= LONGEST:
        raise BadWindow(pointer="/within_hours")
    return StepFunnel(steps=named, within=within)


def _is_known(step: str) -> bool:
    name, colon, called = step.partition(":")
    return step in STEPS or (name == "track" and bool(colon) and 0 < len(called) <= LONGEST_NAME)
