"""Codes that people read aloud and type: Crockford base32, forgiving case, separators and look-alikes."""

from typing import Final

from kernel.errors import DomainError

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES: Final = {"O": "0", "I": "1", "L": "1", "U": "V"}
_SEPARATORS: Final = "-_. \t\u00a0\u00ad\u2007\u200b\u202f\u2060\ufeff\u2010\u2011\u2012\u2013\u2014\u2212"
"""Also the spaces and dashes that keyboards, mails and pages put in the place of plain ones, seen or not."""
_FORGIVEN: Final = str.maketrans(_LOOK_ALIKES | dict.fromkeys(_SEPARATORS, ""))
MAX_TYPED: Final = 64


class MalformedCode(DomainError):
    code = "malformed_code"
    title = "This is not a code"


def normalise(typed: str, *, pointer: str | None = "/code") -> str:
    """What a person typed, as the code is stored: "7k2m-9qxo" becomes "7K2M9QX0". No code at all: MalformedCode."""
    if len(typed) > MAX_TYPED:
        raise MalformedCode("The code is too long.", pointer=pointer)
    code = typed.strip().upper().translate(_FORGIVEN)
    if not code or any(letter not in ALPHABET for letter in code):
        raise MalformedCode("The code holds letters that no code has.", pointer=pointer)
    return code


def shown(code: str) -> str:
    """The code as people see it, in groups of four: "7K2M9QX0" becomes "7K2M-9QX0"."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
