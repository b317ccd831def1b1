"""Parts of amounts, rounded half up, away from zero, to a minor unit."""


def part(amount: int, of: int, whole: int) -> int:
    """`amount` times `of` through `whole`, which is above zero."""
    found, rest = divmod(abs(amount) * of, whole)
    found += 2 * rest >= whole
    return found if amount >= 0 else -found


def without_tax(gross_minor: int, base: int, tax: int) -> int:
    """The net part of a gross amount, at the average rate of a base and its tax."""
    whole = base + tax
    return gross_minor if tax == 0 or whole <= 0 else part(gross_minor, base, whole)
