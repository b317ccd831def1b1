"""The country of an address, from a MaxMind file that the operator gives."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

import maxminddb
import structlog

from adapters.shared.background import every

CountryOf = Callable[[str], str | None]
_LOOK_S: Final = 30.0
_REMEMBERED: Final = 16_384
"""Addresses whose country is remembered, some 3 MB: a reading takes 10 to 30 µs, as much as the rest of a redirect."""
_log = structlog.get_logger()


class CountryFile:
    """Answers from a GeoLite2 or GeoIP2 country or city file, and reads it again when it changes.

    Without a file, with one that cannot be read, and for an address that is not in it: None. A file that is replaced by
    one that cannot be read leaves the one before in use.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._country_of: CountryOf | None = None
        self.look()

    @property
    def is_there(self) -> bool:
        return self._country_of is not None

    def __call__(self, address: str) -> str | None:
        return None if self._country_of is None else self._country_of(address)

    def look(self) -> None:
        """Read the file if it is another one than before."""
        if self._path is None:
            return
        try:
            about = self._path.stat()
            seen = (about.st_ino, about.st_size, about.st_mtime_ns)
            if seen == self._seen:
                return
            self._seen = seen
            reader = _open(self._path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            _log.warning("countries.unreadable", file=str(self._path), error=str(error))
            return
        self._country_of = lru_cache(_REMEMBERED)(partial(_country, reader))
        _log.info("countries.read", file=str(self._path), built=reader.metadata().build_epoch)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        if self._path is None:
            yield
            return
        async with every(_LOOK_S, partial(asyncio.to_thread, self.look), "country file"):
            yield


def _open(path: Path) -> maxminddb.Reader:
    """Maps a copy that nobody else can write to: an updater that writes into the file itself would pull it away."""
    with path.open("rb") as source, tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        return maxminddb.open_database(copy.name, maxminddb.MODE_AUTO)


def _country(reader: maxminddb.Reader, address: str) -> str | None:
    try:
        return _code(reader.get(address))
    except (ValueError, maxminddb.InvalidDatabaseError):
        return None


def _code(found: Any) -> str | None:
    """The two letters in a record of whatever file; its country, else the one it is registered in."""
    for part in ("country", "registered_country"):
        code = (found.get(part) or {}).get("iso_code") if isinstance(found, dict) else None
        if isinstance(code, str) and len(code) == 2:
            return code
    return None
