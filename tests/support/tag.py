"""The tag as `make` builds it, for tests that are not started by `make`."""

import fcntl
import subprocess
from functools import cache
from pathlib import Path

from adapters.tracking.tag.files import TagFiles, read_build

ROOT = Path(__file__).resolve().parents[2]


@cache
def built_tag() -> TagFiles:
    """The build of the sources as they are. Where nothing changed since the last one, this only looks."""
    with (ROOT / "frontends" / ".build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = "adapters/tracking/tag/dist/manifest.json"
        made = subprocess.run(["make", "-s", target], cwd=ROOT, check=False, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return read_build()
