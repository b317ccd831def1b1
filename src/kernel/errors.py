"""Refusals: what a decision answers when the answer is no.

Each refusal has a stable public `code` and a `kind`; `adapters/shared/http/problems.py` holds the one
mapping from kind to HTTP status.
"""

from typing import ClassVar, Literal

Kind = Literal[
    "invalid",
    "unauthenticated",
    "forbidden",
    "not_found",
    "conflict",
    "gone",
    "stale",
    "too_large",
    "too_many",
    "unavailable",
]


class DomainError(Exception):
    """A refusal. `detail` is one sentence a person understands; `pointer` names the input at fault (RFC 6901)."""

    code: ClassVar[str]
    kind: ClassVar[Kind] = "invalid"
    title: ClassVar[str] = "Refused"

    def __init__(self, detail: str = "", *, pointer: str | None = None) -> None:
        self.detail = detail or self.title
        self.pointer = pointer
        super().__init__(f"{self.code}: {self.detail}")


class CurrencyMismatch(DomainError):
    code = "currency_mismatch"
    title = "Amounts of two currencies cannot be combined"


class InvalidAmount(DomainError):
    code = "invalid_amount"
    title = "The amount is not valid"
