"""`grapevine demo` as a newcomer runs it: real processes on a free port, in a data folder of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx2

from adapters.host.demo.keyring import Keyring, read_keyring
from adapters.host.embedded import EmbeddedPostgres

READY_WITHIN_S = 90.0


class DemoProcess:
    """Started by `start`, stopped with Ctrl-C by `stop`; everything it made is gone after `remove`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = ""
        self._told = threading.Event()

    def start(self) -> None:
        self.said = ""
        self._told.clear()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GRAPEVINE_")}
        mine = {"GRAPEVINE_PORT": "0", "GRAPEVINE_DATA_FOLDER": str(self.folder), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "adapters.host.cli", "demo"],
            env=kept | mine,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._told.wait(READY_WITHIN_S), f"The demo did not get ready:\n{self.said}"
        assert "Or ask the API" in self.said, f"The demo ended:\n{self.said}"

    @property
    def base_url(self) -> str:
        found = re.search(r"(http://[\w.:]+)/demo", self.said)
        assert found, self.said
        return found[1]

    @property
    def keys(self) -> Keyring:
        keyring = read_keyring(self.folder)
        assert keyring is not None
        return keyring

    def api(self) -> httpx2.Client:
        headers = {"authorization": f"Bearer {self.keys.secret_key}"}
        return httpx2.Client(base_url=f"{self.base_url}/api/v1", headers=headers, timeout=10, trust_env=False)

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        code = self._process.wait(40)
        self._reader.join(5)
        return code

    def pid_of(self, command: str) -> int | None:
        """The child process that runs `grapevine <command>`."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                if parent == str(self._process.pid) and any(word.endswith(command.encode()) for word in words):
                    return int(folder.name)
        return None

    def remove(self) -> None:
        if self._process.poll() is None:
            self.stop()
        EmbeddedPostgres(self.folder).remove()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if "Or ask the API" in line:
                self._told.set()
        self._told.set()
