"""What the demo shop keeps of its connection to Grapevine, in a file that only its owner reads."""

import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

SLUG: Final = "nordlicht"


class Keyring(Struct, frozen=True, kw_only=True):
    """The demo shop's keys and ids, as they are on the wire. Empty texts are not known yet."""

    secret_key: str
    publishable_key: str = ""
    programme_id: str = ""
    connection_id: str = ""
    webhook_secret: str = ""
    identify_secret: str = ""

    @property
    def complete(self) -> bool:
        return all(getattr(self, name) for name in self.__struct_fields__)


def keyring_path(folder: Path) -> Path:
    return folder / "demo" / "keys.json"


def read_keyring(folder: Path) -> Keyring | None:
    """The keys of an earlier run; None when there are none, or none that can be read."""
    try:
        return msgspec.json.decode(keyring_path(folder).read_bytes(), type=Keyring)
    except (OSError, msgspec.MsgspecError):
        return None


def write_keyring(folder: Path, keyring: Keyring) -> None:
    """Keep the keys, whole or not at all, readable by the owner only."""
    path = keyring_path(folder)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(keyring)))
    unfinished.replace(path)
