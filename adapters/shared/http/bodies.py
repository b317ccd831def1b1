"""What request and response bodies share: strictness, texts that a database can hold, money, lists."""

import base64
import binascii
from typing import Annotated, Final

import msgspec
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from kernel.errors import DomainError
from kernel.money import LIMIT, Money
from kernel.texts import UNSEEN

_LETTER: Final = r"[^\x00-\x1f\x7f\u2028\u2029]"
_ONE_LINE: Final = rf"^{_LETTER}*$(?!\n)"
_SEEN: Final = rf"{_LETTER}*[^{UNSEEN}]{_LETTER}*"
SEEN_LINE: Final = rf"^{_SEEN}$(?!\n)"

Line = Annotated[str, Meta(min_length=1, max_length=200, pattern=SEEN_LINE)]
"""One line of text: 1 to 200 characters, no control characters, and something that can be seen."""
OptionalName = Annotated[str, Meta(max_length=200, pattern=rf"^({_SEEN})?$(?!\n)")]
"""A name that people give a thing of theirs, or none: what is given can be seen."""
OptionalLine = Annotated[str, Meta(max_length=200, pattern=_ONE_LINE)]
"""What others say about somebody, as it came."""
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=_ONE_LINE, examples=["ben@example.com"])]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=_ONE_LINE, examples=["7K2M-9QX0"])]
Reference = Annotated[str, Meta(min_length=1, max_length=200, pattern=_ONE_LINE, examples=["customer-1042"])]
"""The shop's own reference of a customer."""
Locale = Annotated[str, Meta(pattern=r"^(de|nl|fr|it|da|fi|nb|sv|en)$(?!\n)", examples=["de"])]
CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", examples=["EUR"])]
PageSize = Annotated[int, QueryParameter(required=False, ge=1, le=100)]
"""How many items a list answers with. The limits stand in the parameter: Litestar drops those of a nested Meta."""


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body: a field that nobody knows is an error."""


class Answer(Struct, frozen=True, kw_only=True):
    """A response body."""


class MoneyBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An amount on the wire: whole minor units of an ISO 4217 currency."""

    amount_minor: Annotated[int, Meta(ge=-LIMIT, le=LIMIT, examples=[1250])]
    currency: CurrencyCode

    @classmethod
    def of(cls, money: Money) -> "MoneyBody":
        return cls(amount_minor=money.amount_minor, currency=money.currency)

    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class BadCursor(DomainError):
    code = "bad_cursor"
    title = "The cursor is not one of ours"


def encode_cursor(*position: object) -> str:
    """An opaque cursor for the position after which the next page starts."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def decode_cursor(cursor: str | None, *types: type) -> tuple[object, ...] | None:
    """The position in a cursor, converted to `types`; None without one; BadCursor for what we never gave out."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position: tuple[object, ...] = msgspec.json.decode(raw, type=tuple.__class_getitem__(types))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise BadCursor(pointer="/cursor") from None
    return position
