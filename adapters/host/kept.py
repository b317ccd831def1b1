"""A text that is made once for an installation and kept in its data folder."""

import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], str]) -> str:
    """The file's text, made when there is no such file; only its owner may read it.

    The file appears whole or not at all, and of several processes that make it at once all get the first one's text.
    Raises OSError.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(make())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(unfinished)
        unfinished.unlink()
    return path.read_text().strip()
