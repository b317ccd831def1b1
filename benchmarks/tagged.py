"""Loads the tag's door, and sees that every event that was answered is in the table."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from benchmarks.ground import Ground
from benchmarks.retail import Retailer
from benchmarks.wrk import Load, load

STORED: Final = "SELECT count(*) FROM tracking.tag_event"
MANY: Final = 50
_runs = itertools.count(1)


class TagLoad:
    """A contender: requests of `size` events; the figure counts events."""

    def __init__(self, ground: Ground, retailers: Sequence[Retailer], size: int) -> None:
        self._ground = ground
        self._size = size
        self._file: Path = ground.folder / "tags.txt"
        self._file.write_text("".join(f"{one.tag_key} {one.slug}.example\n" for one in retailers))

    def __call__(self, connections: int, seconds: int) -> Load:
        before = self._ground.sql(STORED)[0][0]
        arguments = (str(self._file), str(self._size), str(next(_runs)))
        found = load(self._ground.base, connections=connections, seconds=seconds, script="tag.lua", arguments=arguments)
        kept = self._ground.sql(STORED)[0][0] - before
        if kept < found.answers * self._size:
            raise RuntimeError(f"{found.answers * self._size} events were answered and {kept} are there")
        return replace(found, per_second=found.per_second * self._size)
