"""Web and worker as real processes on a database, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.support.database import SECRET

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Processes:
    """One web and one worker process. Each runs in a process group of its own, so that a kill reaches its children."""

    def __init__(self, conninfo: str, folder: Path, **variables: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GRAPEVINE_")},
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
            "GRAPEVINE_ENVIRONMENT": "test",
            "GRAPEVINE_DATABASE_URL": conninfo,
            "GRAPEVINE_SECRET_KEY": SECRET,
            "GRAPEVINE_DATA_FOLDER": str(folder),
            "GRAPEVINE_PORT": str(self.port),
            "GRAPEVINE_BASE_URL": self.address,
            "GRAPEVINE_LOG_LEVEL": "WARNING",
            **variables,
        }

    def start(self, name: str) -> None:
        """Start "web" or "worker"; returns at once."""
        command = {"web": "serve", "worker": "worker"}[name]
        with (self._folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "adapters.host.cli", command],
                cwd=self._folder, env=self._environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """kill -9 the process and its children, and wait until they are gone."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self, name: str) -> int:
        """Ask the process to stop; its exit status."""
        process = self._running.pop(name)
        process.terminate()
        return process.wait(20)

    def wait_ready(self, within: float = 30) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                if httpx2.get(f"{self.address}/health/ready", timeout=2).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the web process was not ready within {within} s:\n{self.logs()}")

    def logs(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        for name in list(self._running):
            self.kill(name)


@contextmanager
def running(conninfo: str, folder: Path, **variables: str) -> Iterator[Processes]:
    processes = Processes(conninfo, folder, **variables)
    try:
        processes.start("web")
        processes.start("worker")
        processes.wait_ready()
        yield processes
    finally:
        processes.close()
