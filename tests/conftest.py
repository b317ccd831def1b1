"""Starts the database once for a test run and gives every test a shop of its own."""

import gc
import os
from collections.abc import Iterator
from threading import Thread

import pytest
import structlog
from hypothesis import settings

from adapters.host.embedded import EmbeddedPostgres
from tests.support.database import (
    VARIABLE,
    Quiet,
    drop_database,
    make_database,
    make_template,
    new_server,
    start_server,
    wait_for_template,
)
from tests.support.world import ShopWorld, World, open_world

# How long one example takes says how busy the machine is: the time limit of the whole test is what counts.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# Collecting makes much that stays, and nothing that goes.
gc.set_threshold(20_000, 20, 20)

# What is logged is read only where a test fails. By default a traceback shows every variable on its way and is drawn in
# colours, which takes longer than most of what the tests ask for.
structlog.configure(
    [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

# What takes longest comes first, so that at the end nobody waits for the one process that still has it.
LONGEST = (
    "architecture/test_extraction", "browser/test_demo", "faults/test_bad_input", "shared/test_cli",
    "faults/test_processes_killed", "features/tracking/test_tracking", "architecture/test_any_request",
    "faults/test_database_gone", "referral/adapters/test_facts_machine", "browser/test_landing_page",
    "faults/test_graceful_stop",
)  # fmt: skip

_servers: list[EmbeddedPostgres] = []
_starting: list[Thread] = []


def _is_parallel_child(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.fixture(scope="session")
def database(worker_id: str, request: pytest.FixtureRequest) -> str:
    """Connection string (owner) of this process's own database."""
    return make_database(_conninfo(request.config), worker_id)


def _conninfo(config: pytest.Config) -> str:
    if VARIABLE not in os.environ:
        _servers.append(start_server())
        os.environ[VARIABLE] = _servers[0].conninfo
    elif _is_parallel_child(config):
        wait_for_template(os.environ[VARIABLE])
    return os.environ[VARIABLE]


def pytest_configure(config: pytest.Config) -> None:
    # The controlling process starts the server while its children, which inherit the variable, collect the tests.
    if not _is_parallel_child(config) and getattr(config.option, "numprocesses", None) and VARIABLE not in os.environ:
        _servers.append(new_server())
        os.environ[VARIABLE] = _servers[0].conninfo
        _starting.append(Thread(target=make_template, args=_servers))
        _starting[0].start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {f"tests/{name}.py": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


def pytest_collection_finish() -> None:
    # All tests and what they import stay until the end: they need not be walked again and again.
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    while _starting:
        _starting.pop().join()
    while _servers and not _is_parallel_child(config):
        _servers.pop().remove()
        os.environ.pop(VARIABLE, None)


@pytest.fixture
def fresh_database(worker_id: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test's own, with no worker running on it."""
    made = make_database(_conninfo(request.config), f"{worker_id}_fresh")
    yield made
    drop_database(made)


@pytest.fixture(scope="session")
def _quiet(worker_id: str, request: pytest.FixtureRequest) -> Quiet:
    return Quiet(make_database(_conninfo(request.config), f"{worker_id}_quiet"))


@pytest.fixture
def quiet_database(_quiet: Quiet) -> str:
    """A database with no worker running on it and nothing in it: tests that leave its tables as they are share it."""
    _quiet.empty()
    return _quiet.conninfo


@pytest.fixture(scope="session")
def world(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The app with its worker."""
    with open_world(database, tmp_path_factory.mktemp("outbox")) as opened:
        yield opened


@pytest.fixture
def shop(world: World) -> ShopWorld:
    """A shop of this test's own."""
    return world.open_shop()
