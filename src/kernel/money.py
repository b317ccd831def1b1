"""Exact amounts: whole minor units of one ISO 4217 currency, never a float."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, Self

from msgspec import Struct

from kernel.errors import CurrencyMismatch, InvalidAmount

EXPONENTS: Final = {"EUR": 2, "CHF": 2, "DKK": 2, "NOK": 2, "SEK": 2, "GBP": 2, "USD": 2, "PLN": 2, "CZK": 2, "ISK": 0}
"""Digits after the decimal point by currency (ISO 4217). A currency that is missing here is refused."""

LIMIT: Final = 10**15
"""Largest absolute amount in minor units: ten thousand billion euros, and sums of many stay inside 64 bits."""

BASIS: Final = 10_000
"""Basis points in a whole: rates are integers, 1250 is 12.5 %."""


class Money(Struct, frozen=True, order=False):
    """`amount_minor` minor units (cents, øre) of `currency`. Negative amounts are allowed; mixing currencies is not."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise InvalidAmount(f"The currency {self.currency[:8]!r} is not supported.")
        if not -LIMIT <= self.amount_minor <= LIMIT:
            raise InvalidAmount("The amount is out of range.")

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read a decimal amount such as "12.50". More digits than the currency has, or no number: InvalidAmount."""
        if currency not in EXPONENTS:
            raise InvalidAmount(f"The currency {currency[:8]!r} is not supported.")
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise InvalidAmount("The amount is not a decimal number.") from None
        # Looked at before any arithmetic, which rounds to 28 digits and overflows for exponents that anybody may send.
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or not -9 < exponent < 16 or value.adjusted() > 15:
            raise InvalidAmount("The amount is out of range.")
        minor = value.scaleb(EXPONENTS[currency])
        if minor != minor.to_integral_value():
            raise InvalidAmount(f"The amount has more decimal places than {currency} knows.")
        return cls(int(minor), currency)

    def __add__(self, other: Self) -> Self:
        return self._with(self.amount_minor + self._same(other))

    def __sub__(self, other: Self) -> Self:
        return self._with(self.amount_minor - self._same(other))

    def __neg__(self) -> Self:
        return self._with(-self.amount_minor)

    def __lt__(self, other: Self) -> bool:
        return self.amount_minor < self._same(other)

    def __le__(self, other: Self) -> bool:
        return self.amount_minor <= self._same(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount_minor > self._same(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount_minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount_minor != 0

    def share(self, basis_points: int) -> Self:
        """The part that `basis_points` of 10,000 make, rounded half up away from zero to a minor unit."""
        part, rest = divmod(abs(self.amount_minor) * basis_points, BASIS)
        part += 2 * rest >= BASIS
        return self._with(part if self.amount_minor >= 0 else -part)

    def split(self, weights: Sequence[int]) -> list[Self]:
        """Divide by weights so that the shares sum exactly to the whole (largest remainder, first wins ties)."""
        total = sum(weights)
        if not weights or total <= 0 or min(weights) < 0:
            raise InvalidAmount("A split needs weights of zero or more with a positive sum.")
        sign = -1 if self.amount_minor < 0 else 1
        shares = [divmod(abs(self.amount_minor) * weight, total) for weight in weights]
        missing = abs(self.amount_minor) - sum(floor for floor, _ in shares)
        favoured = set(sorted(range(len(shares)), key=lambda i: -shares[i][1])[:missing])
        return [self._with(sign * (floor + (i in favoured))) for i, (floor, _) in enumerate(shares)]

    def decimal(self) -> Decimal:
        """The amount in major units, exact: Money(1250, "EUR") is Decimal("12.50")."""
        return Decimal(self.amount_minor).scaleb(-EXPONENTS[self.currency])

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be combined.")
        return other.amount_minor

    def _with(self, amount_minor: int) -> Self:
        return type(self)(amount_minor, self.currency)
