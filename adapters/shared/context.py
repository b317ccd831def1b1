"""What a context's container offers to the host, and how contexts ask each other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from litestar.di import Provide
from litestar.types import ASGIApp, ControllerRouterHandler, Scope
from msgspec import Struct

from adapters.shared.queue.jobs import Job, Schedule
from adapters.shared.queue.parked import Parked
from adapters.shared.queue.subscriptions import Subscription

R = TypeVar("R")
Lifespan = Callable[[], AbstractAsyncContextManager[None]]
Loop = Callable[[asyncio.Event], Awaitable[None]]
Fallback = Callable[[Scope], ASGIApp | None]
"""Who answers a request that no route takes; None: not this part."""
Condition = Callable[[], Mapping[str, int | str]]
"""What an operator should see of a part in this process, by name; asked for by /health/ready."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question this context answers for others: in process by a call, else by POST /internal/v1/questions/<name>."""

    name: str
    request: type[Struct]
    response: type[Struct]
    answer: Callable[[Any], Awaitable[Any]]


class Ask(Protocol):
    """Puts a question to whichever context answers it; a peer that is away raises `Unavailable`."""

    async def __call__(self, name: str, request: Struct, response: type[R]) -> R: ...


@dataclass(frozen=True, slots=True)
class ContextOffer:
    """Everything a context gives to the process that hosts it."""

    name: str
    routes: Sequence[ControllerRouterHandler] = ()
    dependencies: Mapping[str, Provide] = field(default_factory=dict)
    subscriptions: Sequence[Subscription] = ()
    jobs: Sequence[Job] = ()
    schedules: Sequence[Schedule] = ()
    web_lifespans: Sequence[Lifespan] = ()
    worker_loops: Sequence[Loop] = ()
    answers: Sequence[Answer] = ()
    parked: Sequence[Parked] = ()
    conditions: Sequence[Condition] = ()
    fallbacks: Sequence[Fallback] = ()
