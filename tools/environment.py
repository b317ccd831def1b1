"""Makes .venv, or brings it up to date: `environment.py run` for using Grapevine, `dev` for working on it too, `node`
for a Node where the machine has none.

Runs on a bare Python: the standard library only. Packages are pinned by hash; nothing is built from our own tree,
a path file makes it importable, with relative paths, so that the folder may be moved.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LAUNCHER = """#!/bin/sh
exec "$(dirname "$0")/python" -m adapters.host.cli "$@"
"""
NEEDS_VENV = "Python's venv module is incomplete here. As root: apt-get install python{0}-venv"
BEGUN = re.compile(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9_.-]+)")


def main() -> int:
    wanted = sys.argv[1]
    try:
        if not works():
            make()
        install(ROOT / "requirements" / f"{wanted}.txt")
    except subprocess.CalledProcessError as error:
        return int(error.returncode) or 1
    make_importable()
    # What the tests need includes what running needs.
    for stamp in ("run", "dev") if wanted == "dev" else (wanted,):
        (VENV / f".{stamp}").touch()
    return 0


def say(text: str) -> None:
    sys.stderr.write(f"· {text}\n")


def works() -> bool:
    if not PYTHON.exists():
        return False
    test = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", test], check=False, capture_output=True).returncode == 0  # noqa: S603


def make() -> None:
    say("making the virtual environment .venv …")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False, capture_output=True)  # noqa: S603
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.stderr.buffer.write(done.stderr or done.stdout)
        say(NEEDS_VENV.format(f"{sys.version_info[0]}.{sys.version_info[1]}"))
        done.check_returncode()


def install(requirements: Path) -> None:
    """Run pip, and show how far it is: it says a line per package, and nothing while it unpacks them all."""
    total = sum(1 for line in requirements.read_text().splitlines() if re.match(r"[a-z0-9].*==", line))
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(requirements)]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    environment = os.environ | {"PIP_ROOT_USER_ACTION": "ignore"}
    last: deque[str] = deque(maxlen=30)
    begun = time.monotonic()
    count = 0
    say(f"installing {total} packages (the first time takes a minute or two) …")
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as pip:
        for line in pip.stdout or ():
            last.append(line)
            found = BEGUN.match(line)
            count += found is not None
            if found:
                show(f"  {count} of {total}: {found[1]}", often=count % 20 == 0)
            elif line.startswith("Installing collected"):
                show("  unpacking", often=True)
    show(f"  done in {time.monotonic() - begun:.0f} s", often=True)
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    if pip.returncode != 0:
        sys.stderr.writelines(last)
        raise subprocess.CalledProcessError(pip.returncode, command)


def show(text: str, *, often: bool) -> None:
    """On a terminal one line that changes; in a log only now and then a new one."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
    elif often:
        sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def make_importable() -> None:
    site = next((VENV / "lib").glob("python3*/site-packages"))
    up = os.path.relpath(ROOT, site)
    (site / "grapevine.pth").write_text(f"{up}/src\n{up}\n")
    launcher = VENV / "bin" / "grapevine"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
