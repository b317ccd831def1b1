"""The composition root: builds every hosted context from the settings. The only code that sees two contexts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import psycopg
import structlog
from msgspec import Struct

from adapters.host.contexts import HEARS, PATIENT, container_class, ears, hosted, told
from adapters.host.peers.ask import Asking
from adapters.host.peers.remote import Peers
from adapters.host.settings import Settings
from adapters.shared.context import ContextOffer, Loop
from adapters.shared.http.auth import Caller
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.database import NONE, Database
from adapters.shared.postgres.roles import role, suffixes_of
from adapters.shared.postgres.unit import Units
from adapters.shared.precedence import Precedence
from adapters.shared.queue.jobs import JobRunner
from adapters.shared.queue.outbox import Outbox
from adapters.shared.queue.parked import Parked
from adapters.shared.queue.purge import purge_schedule
from adapters.shared.queue.receiver import Receiver
from adapters.shared.queue.relay import BY_INDEX, Deliver, Relay

_log = structlog.get_logger()

PLANS_ONCE: Final = {"plan_cache_mode": "force_generic_plan"}
"""For statements that take arrays of keys and find each by an index: to plan them anew each time, as PostgreSQL would,
costs more than to run them. A question with optional filters needs a plan for what it asks."""

COMMITS_LATER: Final = {"synchronous_commit": "off"}
"""For work that is done again when it is lost: the server writes its commits to disk within some 0.6 s, in their order.
See docs/adr/0018-commits-of-the-worker.md."""


class AuthenticateRequest(Struct, frozen=True, kw_only=True):
    secret: str


class Hosted:
    """One context as it lives in this process."""

    def __init__(self, name: str, installation: "Installation") -> None:
        settings = installation.settings
        connect = partial(installation.database, name)
        self.name = name
        self.database = connect("", settings.pool_size)
        self.relay_database = connect("relay", 4)
        self.carrying_database = connect("relay", 4, BY_INDEX)
        self.bell = Bell(self.database)
        self.units = Units(name, self.database, Outbox(name, installation.routes, self.bell))
        given: dict[str, Any] = {
            "settings": settings.for_contexts(),
            "keys": settings.keys(),
            "database": self.database,
            "relay_database": self.relay_database,
            "carrying_database": self.carrying_database,
            "units": self.units,
            "ask": installation.asking,
            "bell": self.bell,
            "precedence": installation.precedence,
        }
        if "recorder" in suffixes_of(name):
            self.recorder_database = given["recorder_database"] = connect("recorder", 1)
        declared = container_class(name)
        self.container = declared(**{key: value for key, value in given.items() if key in declared.providers})
        self.offer: ContextOffer = self.container.offer()
        self.receiver = Receiver(name, self.units, self.offer.subscriptions)
        self.relay = Relay(name, self.carrying_database, installation.subscribers, PATIENT, told(name))
        schedules = [*self.offer.schedules, purge_schedule(name, self.database, self.relay_database)]
        self.jobs = JobRunner(name, self.database, self.offer.jobs, schedules)

    async def close(self) -> None:
        await self.bell.close()
        await self.database.close()
        await self.relay_database.close()
        await self.carrying_database.close()


class Installation:
    """All contexts of this process, wired to each other and to those that live elsewhere."""

    def __init__(self, settings: Settings, conninfo: str, *, in_batches: bool = False) -> None:
        """`in_batches`: this process works off queues, a few statements again and again on many rows each."""
        self.settings = settings
        self._conninfo = conninfo
        self._in_batches = in_batches
        self.peers = Peers(settings.peer_addresses(), peer_token(settings))
        self.asking = Asking(self.peers)
        self.precedence = Precedence()
        self.routes = HEARS
        self.subscribers: dict[str, Deliver] = {}
        self.contexts: dict[str, Hosted] = {}
        for name in hosted(settings):
            context = Hosted(name, self)
            self.contexts[name] = context
            self.subscribers.update(dict.fromkeys(ears(name), context.receiver.receive))
            self.asking.learn({answer.name: answer for answer in context.offer.answers})
        for name in settings.peer_addresses():
            for ear in ears(name):
                self.subscribers.setdefault(ear, partial(self.peers.deliver, name))

    def database(self, context: str, suffix: str, pool_size: int, settings: Mapping[str, str] = NONE) -> Database:
        name = role(context, suffix)
        conninfo = psycopg.conninfo.make_conninfo(
            self._conninfo, user=name, password=role_password(self.settings, name)
        )
        return Database(conninfo, schema=context, pool_size=pool_size, settings={**settings, **self._habits(suffix)})

    def _habits(self, suffix: str) -> Mapping[str, str]:
        """What makes the server work for this process as it works."""
        if not self._in_batches:
            return NONE
        commits = NONE if self.settings.peer_addresses() else COMMITS_LATER
        return commits if suffix else {**commits, **PLANS_ONCE}

    async def authenticate(self, secret: str) -> Caller:
        """The caller behind an API key, by the shops context."""
        return await self.asking("shops.authenticate", AuthenticateRequest(secret=secret), Caller)

    def parked(self) -> list[Parked]:
        """Every queue of parked items."""
        queues = []
        for context in self.contexts.values():
            queues += [context.relay.parked(), context.jobs.parked(), *context.offer.parked]
        return queues

    def worker_loops(self) -> list[tuple[str, Loop]]:
        loops: list[tuple[str, Loop]] = []
        for name, context in self.contexts.items():
            loops.append((f"{name}.relay", context.relay))
            loops.append((f"{name}.jobs", context.jobs))
            loops += [(f"{name}.loop", loop) for loop in context.offer.worker_loops]
        return loops

    @asynccontextmanager
    async def web(self) -> AsyncIterator[None]:
        """What runs beside the web routes: group commits and the like."""
        async with contextlib.AsyncExitStack() as stack:
            for context in self.contexts.values():
                for lifespan in context.offer.web_lifespans:
                    await stack.enter_async_context(lifespan())
            yield

    async def work(self, stop: asyncio.Event) -> None:
        """Run every loop of the worker until `stop` is set. A loop that falls over is started again."""
        async with asyncio.TaskGroup() as group:
            for name, loop in self.worker_loops():
                group.create_task(_keep_running(name, loop, stop), name=name)

    async def close(self) -> None:
        for context in self.contexts.values():
            await context.close()
            recorder = getattr(context, "recorder_database", None)
            if recorder is not None:
                await recorder.close()
        await self.peers.close()


async def _keep_running(name: str, loop: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await loop(stop)
        except Exception:
            _log.exception("worker.loop_failed", loop=name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)


def role_password(settings: Settings, name: str) -> str:
    """Password of a database role, derived from the installation's secret."""
    return settings.keys().derive(f"role:{name}").hex()


def peer_token(settings: Settings) -> str:
    """What contexts of one installation show each other over HTTP."""
    return settings.keys().derive("peer").hex()
