"""The command line in processes that need not import everything first: each is forked from one that has."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

Done = subprocess.CompletedProcess[str]
CONTEXTS: Final = ("shops", "referral", "acquisition", "engagement", "tracking")
# Without the command line itself: what it reads from its surroundings when it is imported, it has to read anew.
IMPORTED: Final = (
    "cyclopts", "rich.console", "adapters.host.composition", "adapters.host.database", "adapters.host.operate",
    "adapters.shared.postgres.migrate", *(f"adapters.{name}.container" for name in CONTEXTS),
)  # fmt: skip
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(list(IMPORTED))


def run_forked(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, within_s: float) -> Done:
    """Run one command to its end, with this environment and in this folder, as `subprocess.run` would."""
    said = [folder / f"forked.{name}" for name in ("stdout", "stderr")]
    process = _forking.Process(target=_become, args=(arguments, environment, folder, said))
    process.start()
    process.join(within_s)
    if process.exitcode is None:
        process.kill()
        raise subprocess.TimeoutExpired(arguments, within_s)
    stdout, stderr = (path.read_text() for path in said)
    return subprocess.CompletedProcess(arguments, process.exitcode, stdout, stderr)


def _become(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, said: list[Path]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(said, 1):
        os.dup2(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    sys.argv = ["grapevine", *arguments]
    from adapters.host.cli import main

    main()
