"""Where ids and codes come from. `src/` never makes its own: it is handed them as arguments."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

from kernel.codes import ALPHABET


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by time so that indexes stay compact."""
    return uuid7()


def new_code(length: int = 8) -> str:
    """A code of `length` Crockford letters, 5 bits each, not guessable."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
