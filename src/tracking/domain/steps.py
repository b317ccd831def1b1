"""An ordered funnel asked for at will: who did the steps one after the other, within a time from the first."""

from datetime import timedelta
from typing import Final, Literal, get_args

from msgspec import Struct

from kernel.errors import DomainError

Step = Literal["visit", "click", "claim", "order", "credited_order"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
LONGEST: Final = timedelta(days=90)


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
    unknown = [step for step in named if step not in STEPS]
    if unknown:
        raise UnknownStep(f"Steps are {', '.join(STEPS)}.", pointer="/steps")
    if len(set(named)) != len(named):
        raise RepeatedStep(pointer="/steps")
    if len(named) < 2:
        raise TooFewSteps(pointer="/steps")
    within = timedelta(hours=hours)
    if not timedelta(hours=1) <= within <= LONGEST:
        raise BadWindow(pointer="/within_hours")
    return StepFunnel(steps=named, within=within)
