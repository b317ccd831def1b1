"""The ground that benchmarks stand on: a database of its own and real processes, all gone afterwards."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import psycopg

from adapters.host.database import prepare
from adapters.host.embedded import TUNING, EmbeddedPostgres
from adapters.host.settings import Settings, with_kept_secret
from benchmarks.baseline.table import CREATE
from benchmarks.progress import said

ROOT = Path(__file__).parents[1]
# As in production, plus the commit times by which the delay to a posted reward is measured.
MEASURED = TUNING | {"track_commit_timestamp": "on"}
BASELINE_POOL = 32


class Ground:
    """A temporary folder with an embedded PostgreSQL, and the processes started on it; everything stops on exit."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="grapevine-bench-"))
        self.settings = with_kept_secret(Settings(data_folder=self.folder, port=free_port()))
        self.baseline_port = free_port()
        self.mail_port = free_port()
        self.base = f"http://127.0.0.1:{self.settings.port}"
        self.baseline = f"http://127.0.0.1:{self.baseline_port}"
        self.postgres = EmbeddedPostgres(self.folder, MEASURED)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.python_path = f"{ROOT / 'src'}:{ROOT}"
        self.leftovers: list[Path] = []

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _give_up)
        try:
            self.postgres.start(said)
            prepare(self.settings, said)
            self.sql(CREATE)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for name in list(self.processes):
            self.stop(name)
        with contextlib.suppress(Exception):
            self.postgres.remove()
        for folder in self.leftovers:
            with contextlib.suppress(Exception):
                EmbeddedPostgres(folder).remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its owner, past every policy."""
        with psycopg.connect(self.postgres.conninfo, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def start_web(self) -> None:
        self.start("web", "adapters.host.cli", "serve", **self._settings(self.settings.port))
        wait_for(f"{self.base}/health/ready", self.processes["web"], self.log("web"))

    def start_worker(self) -> None:
        """Mails leave by SMTP, to a server of our own that keeps none."""
        if "mails" not in self.processes:
            self.start("mails", "benchmarks.mail_sink", str(self.mail_port), PYTHONPATH=self.python_path)
        self.start("worker", "adapters.host.cli", "worker", **self._settings(self.settings.port))
        time.sleep(2.0)

    def start_baseline(self) -> None:
        self.start(
            "baseline", "benchmarks.baseline.serve", **self._settings(self.baseline_port),
            BASELINE_CONNINFO=self.postgres.conninfo, BASELINE_POOL=str(BASELINE_POOL),
            BASELINE_PAGE=str(self.folder / "page.html"),
        )  # fmt: skip
        wait_for(f"{self.baseline}/constant", self.processes["baseline"], self.log("baseline"))

    def start(self, name: str, module: str, *arguments: str, **environment: str) -> None:
        """Run a module of ours as a process group of its own."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GRAPEVINE_")}
        with self.log(name).open("wb") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=ROOT, env=clean | environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def stop(self, name: str) -> None:
        """Ask the process to stop, and make its whole group stop."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill(self, name: str) -> None:
        """kill -9 of the process and all that it has started."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _settings(self, port: int) -> dict[str, str]:
        return {
            "GRAPEVINE_DATA_FOLDER": str(self.folder),
            "GRAPEVINE_PORT": str(port),
            "GRAPEVINE_BASE_URL": self.base,
            "GRAPEVINE_SMTP_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "PYTHONPATH": self.python_path,
        }


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path, within: float = 60.0) -> float:
    """Ask until it answers 200; the seconds that took. Shows the log's end when it does not."""
    started = time.monotonic()
    while time.monotonic() - started < within and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return time.monotonic() - started
        time.sleep(0.02)
    raise RuntimeError(f"{address} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def _give_up(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
