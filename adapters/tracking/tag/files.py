"""What `make` built of the tag, read once: each file with its compressed forms and how long it may be kept."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

DIST: Final = Path(__file__).parent / "dist"
STABLE: Final = "grapevine.js"
MANIFEST: Final = "manifest.json"
SHORT: Final = b"public, max-age=300"
"""The stable name leads to a new build within five minutes; until then the former one does its work."""
FOREVER: Final = b"public, max-age=31536000, immutable"
_JAVASCRIPT: Final = b"text/javascript; charset=utf-8"
_JSON: Final = b"application/json"
_FORMS: Final = (("br", ".br"), ("gzip", ".gz"), ("", ""))
"""Content codings by preference, with the ending of the file that holds them."""


class NotBuilt(Exception):
    """The tag is not there, or only in part; the message names what is missing."""


class Script(Struct, frozen=True):
    """A script's name with its content's hash, its checksum for `integrity=`, and its size in bytes, gzipped."""

    file: str
    integrity: str
    gzipped: int


class Snippet(Struct, frozen=True):
    """What a shop pastes, with HOST and PUBLISHABLE_KEY where its own belong."""

    text: str
    gzipped: int


class Manifest(Struct, frozen=True):
    """What a build consists of."""

    version: str
    loader: Script
    core: Script
    snippet: Snippet


class Served(Struct, frozen=True):
    """A file as it is answered: bodies by content coding, "" for the plain one."""

    media_type: bytes
    cache: bytes
    etag: str
    bodies: dict[str, bytes]

    def etag_of(self, coding: str) -> bytes:
        return f'"{self.etag}{"-" if coding else ""}{coding}"'.encode()


class TagFiles(Struct, frozen=True):
    """A complete build."""

    manifest: Manifest
    by_name: Mapping[str, Served]


def read_build(folder: Path = DIST) -> TagFiles:
    """The build in a folder; NotBuilt when there is none, or not all of it."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
        core = _script(folder, manifest.core.file, FOREVER)
        loader = _script(folder, manifest.loader.file, FOREVER)
    except (OSError, msgspec.MsgspecError) as error:
        raise NotBuilt(str(error)) from error
    return TagFiles(
        manifest,
        {
            manifest.core.file: core,
            manifest.loader.file: loader,
            STABLE: msgspec.structs.replace(loader, cache=SHORT),
            MANIFEST: Served(_JSON, SHORT, _hash(raw), {"": raw}),
        },
    )


def _script(folder: Path, name: str, cache: bytes) -> Served:
    bodies = {coding: (folder / f"{name}{ending}").read_bytes() for coding, ending in _FORMS}
    return Served(_JAVASCRIPT, cache, _hash(bodies[""]), bodies)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]


def coding_for(accepted: str, bodies: Mapping[str, bytes]) -> str:
    """The smallest form that the client takes, by its Accept-Encoding header."""
    taken = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        taken[coding.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    others = taken.get("*", False)
    return next((c for c, _ in _FORMS if c and c in bodies and taken.get(c, others)), "")
