"""The demo's child processes: started with logs in files, watched, and stopped gracefully."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 15.0


class ChildDied(Exception):
    """A child process ended by itself; the message says which, how, and what it last wrote."""


class Child:
    """One process of `grapevine`, in a group of its own so that Ctrl-C reaches only the one who stops it."""

    def __init__(self, command: str, environment: Mapping[str, str], folder: Path) -> None:
        self.command = command
        self.log = folder / f"{command}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "adapters.host.cli", command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def check(self) -> None:
        """Raise ChildDied when it does not run any more."""
        code = self._process.poll()
        if code is not None:
            raise ChildDied(f"`grapevine {self.command}` ended by itself (exit code {code}).\n{self._last_words()}")

    def ask_to_stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for its end until `deadline` (monotonic); then end it."""
        try:
            self._process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()[-15:]
        return "\n".join([f"The end of {self.log}:", *(f"  {line}" for line in lines)])


def stop_all(children: Sequence[Child]) -> None:
    """Ask all to stop, and wait for them together."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE_S
    for child in children:
        child.wait(deadline)


def watch(children: Sequence[Child], stop: threading.Event) -> None:
    """Return when `stop` is set; raise ChildDied when a child ends before."""
    while not stop.wait(0.3):
        for child in children:
            child.check()


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment with some GRAPEVINE_… variables set."""
    return {**os.environ, **{f"GRAPEVINE_{name.upper()}": value for name, value in changes.items()}}
