"""What a caller may do: scopes, and the roles that people will hold. Data, so that a new role is a line."""

from collections.abc import Iterable
from typing import Final, Literal

from kernel.errors import DomainError

CONTEXTS: Final = ("shops", "referral", "acquisition", "engagement", "tracking")
SCOPES: Final = frozenset(f"{context}:{right}" for context in CONTEXTS for right in ("read", "write"))
READING: Final = frozenset(f"{context}:read" for context in CONTEXTS)

Role = Literal["owner", "marketer", "support", "finance", "viewer"]

ROLES: Final[dict[Role, frozenset[str]]] = {
    "owner": SCOPES,
    "marketer": READING | {"referral:write", "acquisition:write", "engagement:write", "tracking:write"},
    "support": READING | {"shops:write", "engagement:write"},
    "finance": READING | {"referral:write"},
    "viewer": READING,
}


class UnknownScope(DomainError):
    code = "unknown_scope"
    title = "There is no such scope"


class ScopeNotHeld(DomainError):
    code = "scope_not_held"
    kind = "forbidden"
    title = "Nobody can grant what they do not hold themselves"


def parse(names: Iterable[str]) -> frozenset[str]:
    """The scopes named; a name that is no scope: UnknownScope."""
    named = frozenset(names)
    if named - SCOPES:
        raise UnknownScope(f"Scopes are {', '.join(sorted(SCOPES))}.", pointer="/scopes")
    return named


def grant(wanted: frozenset[str], *, held: frozenset[str]) -> frozenset[str]:
    """The scopes wanted, if the one who grants holds every one of them; else ScopeNotHeld."""
    missing = wanted - held
    if missing:
        raise ScopeNotHeld(f"You do not hold {', '.join(sorted(missing))}.", pointer="/scopes")
    return wanted
