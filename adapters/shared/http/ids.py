"""Ids on the wire: a prefix that says what it is, and the UUID in 26 Crockford letters ("adv_01jd…")."""

from typing import Final
from uuid import UUID

from kernel.errors import DomainError

_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES: Final = {letter: value for value, letter in enumerate(_LETTERS)}
_LENGTH: Final = 26


class MalformedId(DomainError):
    """The text is no id of this kind, so nothing can have it."""

    code = "unknown_id"
    kind = "not_found"
    title = "Nothing has this id"


def to_wire(prefix: str, value: UUID) -> str:
    number = value.int
    letters = [_LETTERS[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def from_wire(prefix: str, text: str, *, pointer: str | None = None) -> UUID:
    """Read an id of this prefix; anything else raises MalformedId (404), with `pointer` when it stood in a body."""
    head, _, letters = text.partition("_")
    if head != prefix or len(letters) != _LENGTH:
        raise MalformedId(pointer=pointer)
    number = 0
    for letter in letters:
        if letter not in _VALUES:
            raise MalformedId(pointer=pointer)
        number = number << 5 | _VALUES[letter]
    if number >> 128:
        raise MalformedId(pointer=pointer)
    return UUID(int=number)
