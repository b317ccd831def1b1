"""The extraction rehearsal: every context, copied alone to an empty folder, serves by itself and keeps its features."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support import testdata
from tests.support.database import SECRET, drop_database, make_database

ROOT = Path(__file__).resolve().parents[2]
CONTEXTS = ("shops", "referral", "acquisition", "engagement", "tracking")
PACKAGES = Path(pytest.__file__).resolve().parents[1]
# Without site no path file is read, so that nothing but the copy and the installed packages can be imported.
PYTHON = (sys.executable, "-S")
Run = subprocess.CompletedProcess[str]
FEATURES_S = 540
"""For the features of one context, on a machine that has much else to do."""


def take_out(context: str, to: Path) -> Path:
    """Copy what leaves the house with a context."""
    folders = [
        "src/kernel", f"src/{context}", "adapters/shared", "adapters/host", f"adapters/{context}",
        f"features/{context}", f"tests/features/{context}", f"tests/{context}", "tests/support",
    ]  # fmt: skip
    for folder in folders:
        # With what is compiled already; but not what another process writes at this moment.
        shutil.copytree(ROOT / folder, to / folder, ignore=shutil.ignore_patterns("*.pyc.*"))
    for file in ("adapters/__init__.py", "tests/__init__.py", "tests/features/__init__.py", "tests/conftest.py"):
        if (ROOT / file).exists():
            shutil.copy(ROOT / file, to / file)
    shutil.copy(ROOT / "pyproject.toml", to)
    return to


def environment_of(tree: Path, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRAPEVINE_", "PYTEST_"))}
    path = os.pathsep.join([str(tree / "src"), str(tree), str(PACKAGES)])
    return kept | {"PYTHONPATH": path, **settings}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {context: take_out(context, tmp_path_factory.mktemp(f"only {context}")) for context in CONTEXTS}


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    """Two things at a time, while the other tests here go on."""
    with ThreadPoolExecutor(2) as opened:
        yield opened


@pytest.fixture(scope="module")
def migrations(trees: dict[str, Path], database: str, pool: ThreadPoolExecutor) -> Iterator[dict[str, Future[Run]]]:
    """Each context makes its own tables in an empty database, of which copies are used."""
    yield {context: pool.submit(migrate_alone, context, tree, database) for context, tree in trees.items()}
    for context in trees:
        drop_database(template_of(context, database))


@pytest.fixture(scope="module")
def runs(
    trees: dict[str, Path], migrations: dict[str, Future[Run]], database: str, pool: ThreadPoolExecutor
) -> dict[str, Future[Run]]:
    """The contexts' features; those of the last one take longest, so they come first."""
    return {
        context: pool.submit(run_features, context, trees[context], migrations[context], database)
        for context in reversed(CONTEXTS)
    }


def template_of(context: str, server: str) -> str:
    return psycopg.conninfo.make_conninfo(server, dbname=f"grapevine_alone_{context}")


def migrate_alone(context: str, tree: Path, server: str) -> Run:
    made = template_of(context, server)
    drop_database(made)
    with psycopg.connect(psycopg.conninfo.make_conninfo(server, dbname="postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE grapevine_alone_{context} TEMPLATE template0".encode())
    command = [*PYTHON, "-m", "adapters.host.cli", "migrate"]
    settings = settings_of(context, tree, made)
    return subprocess.run(command, cwd=tree, env=settings, capture_output=True, text=True, check=False)


def settings_of(context: str, tree: Path, conninfo: str, **further: str) -> dict[str, str]:
    """Of an installation that hosts this context and knows where the others are, who do not answer."""
    elsewhere = ",".join(f"{name}=http://127.0.0.1:9" for name in CONTEXTS if name != context)
    return environment_of(
        tree, GRAPEVINE_CONTEXTS=context, GRAPEVINE_PEERS=elsewhere, GRAPEVINE_DATABASE_URL=conninfo,
        GRAPEVINE_SECRET_KEY=SECRET, GRAPEVINE_DATA_FOLDER=str(tree / "data"), **further,
    )  # fmt: skip


def run_features(context: str, tree: Path, migrated: Future[Run], server: str) -> Run:
    if (failed := migrated.result()).returncode != 0:
        return failed
    settings = environment_of(
        tree, GRAPEVINE_TEST_ALONE=context, GRAPEVINE_TESTDATA=str(testdata.folder()),
        GRAPEVINE_TEST_SERVER=server, GRAPEVINE_TEST_TEMPLATE=f"grapevine_alone_{context}",
    )  # fmt: skip
    unneeded = ("-p", "no:schemathesis", "-p", "no:faker")
    command = [*PYTHON, "-m", "pytest", "-x", *unneeded, f"tests/features/{context}"]
    with subprocess.Popen(
        command, cwd=tree, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=FEATURES_S)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # asked, it stops its database too
            stdout, stderr = process.communicate(timeout=30)
    return Run(command, process.returncode, stdout, stderr)


@pytest.fixture(scope="module", params=CONTEXTS)
def context(request: pytest.FixtureRequest, runs: dict[str, Future[Run]]) -> str:
    assert runs
    return str(request.param)


@pytest.fixture
def tree(context: str, trees: dict[str, Path]) -> Path:
    return trees[context]


@pytest.fixture
def own_database(database: str, context: str, migrations: dict[str, Future[Run]]) -> Iterator[str]:
    """A database that the context has migrated."""
    migrated = migrations[context].result()
    assert migrated.returncode == 0, migrated.stderr
    made = make_database(database, "serves", f"grapevine_alone_{context}")
    yield made
    drop_database(made)


def test_nothing_else_can_be_imported(context: str, tree: Path) -> None:
    others = [f"{where}{name}" for name in CONTEXTS if name != context for where in ("", "adapters.")]
    script = (
        "import adapters.host.cli as host, importlib.util, kernel.money as kernel;"
        f"print([name for name in {others!r} if importlib.util.find_spec(name)], host.__file__, kernel.__file__)"
    )
    done = subprocess.run(
        [*PYTHON, "-c", script], cwd=tree, env=environment_of(tree), capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(f"[] {tree}"), done.stdout + done.stderr
    assert done.stdout.count(str(tree)) == 2


def test_the_context_serves_by_itself(context: str, tree: Path, own_database: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = settings_of(context, tree, own_database, GRAPEVINE_PORT=str(port))
    command = [*PYTHON, "-m", "adapters.host.cli"]
    with served([*command, "serve"], tree, settings):
        answer = ready(f"http://127.0.0.1:{port}/health/ready")
        assert (answer["status"], answer["contexts"]) == ("ready", {context: "ready"})
    with served([*command, "worker"], tree, settings) as worker:
        time.sleep(1.5)
        assert worker.poll() is None


@contextmanager
def served(command: list[str], tree: Path, settings: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a process until the block ends; then it has to stop by itself when asked to."""
    with (tree / "log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=tree, env=settings, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) in {0, -signal.SIGTERM}
        except BaseException as error:
            log.seek(0)
            error.add_note(log.read().decode(errors="replace")[-3000:])
            raise
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def ready(address: str) -> Any:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return json.load(answer)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.timeout(FEATURES_S + 60)
def test_its_own_features_pass(context: str, runs: dict[str, Future[Run]]) -> None:
    done = runs[context].result()
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
