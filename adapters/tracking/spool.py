"""Rows kept on disk while the database is away: each is answered after an fsync, and none is kept twice.

A file belongs to the process that holds its lock, and to whoever takes the lock once that process is gone. A line is a
checksum and a JSON document; a line that was cut off by a kill was never answered for, and is dropped.
"""

import asyncio
import contextlib
import fcntl
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import structlog

from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable

ENDING: Final = ".spool"
_READ_BYTES: Final = 1_048_576
_LINE_EXTRA: Final = 10
_log = structlog.get_logger()


def as_line(document: bytes) -> bytes:
    return b"%08x " % zlib.crc32(document) + document + b"\n"


def from_line(line: bytes) -> bytes | None:
    """The document of a whole line without its end, or None when it was cut or spoiled."""
    document = line[_LINE_EXTRA - 1 :]
    return document if line[: _LINE_EXTRA - 1] == b"%08x " % zlib.crc32(document) else None


class SpoolFile:
    """One open and locked file."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.size = os.fstat(descriptor).st_size
        self._descriptor = descriptor

    @classmethod
    def make(cls, folder: Path, name: str) -> "SpoolFile":
        """A new file, in a folder that is made if need be; both survive a power cut once this returns."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{name}{ENDING}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _sync_folder(folder)
        return cls(path, descriptor)

    @classmethod
    def take(cls, path: Path) -> "SpoolFile | None":
        """A file that another process left behind, or None when it is in use or gone."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_nlink == 0:  # it was taken in and removed while we waited
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def append(self, lines: bytes) -> None:
        """Write and fsync; after an error the file is as it was before."""
        try:
            written = 0
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
            os.fdatasync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(lines)

    def documents(self) -> Iterator[list[bytes]]:
        """What is in the file, in pieces of about a megabyte."""
        rest, offset = b"", 0
        while piece := os.pread(self._descriptor, _READ_BYTES, offset):
            offset += len(piece)
            *lines, rest = (rest + piece).split(b"\n")
            yield [document for line in lines if (document := self._read(line)) is not None]
        if rest:
            _log.info("spool.cut_line", file=self.path.name)

    def _read(self, line: bytes) -> bytes | None:
        document = from_line(line)
        if document is None:
            _log.warning("spool.spoiled_line", file=self.path.name)
        return document

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let go of the file: it stays for whoever takes it."""
        os.close(self._descriptor)


class Spool:
    """Keeps rows of one kind in a folder, of at most `most_bytes` in all.

    `keep` returns after an fsync that rows which arrive together share; it raises Unavailable when the spool is full or
    the disk refuses. `name` tells apart the rows of different installations in one folder.
    """

    def __init__(self, folder: Path, name: str, *, most_bytes: int) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self.kept = 0
        """Rows kept by this process so far."""
        self.lost_room = 0
        """Rows that were refused because the spool was full or the disk failed."""
        self._name = name
        self._others_bytes = 0
        self._file: SpoolFile | None = None
        self._closed: list[SpoolFile] = []
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """Bytes that wait on disk to be taken in."""
        own = sum(file.size for file in self._closed) + (self._file.size if self._file else 0)
        return own + self._others_bytes

    async def keep(self, document: bytes) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((as_line(document), future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write(), name="spool")
        await future

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            lines = b"".join(line for line, _ in group)
            try:
                if self.size + len(lines) > self.most_bytes:
                    raise OSError("the spool is full")
                await asyncio.to_thread(self._append, lines)
            except OSError as error:
                self.lost_room += len(group)
                _log.error("spool.refused", rows=len(group), error=str(error))
                _settle(group, Unavailable())
                continue
            self.kept += len(group)
            _settle(group, None)

    def _append(self, lines: bytes) -> None:
        if self._file is None:
            self._file = SpoolFile.make(self.folder, f"{self._name}-{new_id().hex}")
        self._file.append(lines)

    async def take(self) -> SpoolFile | None:
        """A file to be taken in: one of this process, closed for writing now, else one that was left behind."""
        if self._task is not None:
            await asyncio.wait({self._task})
        if self._file is not None:
            self._closed.append(self._file)
            self._file = None
        if self._closed:
            return self._closed[0]
        return await asyncio.to_thread(self._left_behind)

    def _left_behind(self) -> SpoolFile | None:
        sizes, found = 0, None
        for path in sorted(self.folder.glob(f"{self._name}-*{ENDING}")):
            taken = SpoolFile.take(path) if found is None else None
            if taken is not None:
                found = taken
                self._closed.append(taken)
                continue
            with contextlib.suppress(OSError):
                sizes += path.stat().st_size
        self._others_bytes = sizes
        return found

    async def done_with(self, file: SpoolFile) -> None:
        """The file's rows are all in the database: remove it."""
        self._closed.remove(file)
        await asyncio.to_thread(file.remove)

    async def close(self) -> None:
        """Leave what there is to the next process."""
        if self._task is not None:
            await asyncio.wait({self._task})
        for file in [*self._closed, *([self._file] if self._file else [])]:
            file.close()
        self._closed, self._file = [], None


def _settle(group: list[tuple[bytes, "asyncio.Future[None]"]], error: Exception | None) -> None:
    for _, future in group:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
