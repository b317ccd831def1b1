"""What reports say beyond sums: averages, shares, the viral coefficient. Money stays whole minor units."""

from msgspec import Struct


class Counts(Struct, frozen=True, kw_only=True, array_like=True):
    """Sums of one line of a report, in the order in which a row holds them.

    Money in minor units of the shop's currency; `_s` in seconds.
    """

    enrolled: int = 0
    shares: int = 0
    clicks: int = 0
    visits: int = 0
    bots: int = 0
    previews: int = 0
    claims: int = 0
    orders: int = 0
    """Orders credited to an advocate or a campaign, those cancelled later too; test orders never count."""
    cancelled: int = 0
    """Of `orders`, those cancelled or never paid (voided)."""
    new_orders: int = 0
    """Of `orders`, a person's first, unless cancelled."""
    base_minor: int = 0
    final_base_minor: int = 0
    approved: int = 0
    """Of `orders`, those with an approved reward above zero."""
    reward_minor: int = 0
    other_orders: int = 0
    """As the fields above, of orders credited to nobody."""
    other_cancelled: int = 0
    other_new_orders: int = 0
    other_base_minor: int = 0
    other_final_base_minor: int = 0
    click_to_order_s: int = 0
    clicked_orders: int = 0
    claim_to_order_s: int = 0
    claimed_orders: int = 0
    enrol_to_order_s: int = 0
    enrolled_orders: int = 0


class Buying(Struct, frozen=True, kw_only=True):
    """What a group of customers bought."""

    orders: int
    cancelled: int
    new_orders: int
    base_minor: int
    final_base_minor: int

    @property
    def new_share(self) -> float | None:
        """New customers among those whose order stands."""
        return share(self.new_orders, self.orders - self.cancelled)

    @property
    def average_minor(self) -> int | None:
        """Average order value: the base as ordered by the number of orders placed."""
        return average(self.base_minor, self.orders)

    @property
    def average_kept_minor(self) -> int | None:
        """What is left after refunds and cancellations, by the number of orders that stand."""
        return average(self.final_base_minor, self.orders - self.cancelled)


class Virality(Struct, frozen=True, kw_only=True):
    """How many new customers an advocate brings, and how long that takes.

    The viral coefficient K = i × c of viral marketing, taken over from epidemiology's reproduction number: `i` is how
    many invitations a user sends, `c` which part of the invitations becomes a user (A. L. Penenberg, Viral Loop, 2009;
    D. Skok, Lessons Learned: Viral Marketing, 2009, who adds the viral cycle time). Here an invitation is a share, and
    who comes of it is a new customer whose first order is credited: K = shares / advocates × new / shares.
    """

    advocates: int
    """Enrolled by the end of the period."""
    shares: int
    new_customers: int

    @property
    def shares_per_advocate(self) -> float | None:
        return share(self.shares, self.advocates)

    @property
    def new_per_share(self) -> float | None:
        return share(self.new_customers, self.shares)

    @property
    def coefficient(self) -> float | None:
        """K itself, from whole numbers: shares cancel out, so shares that nobody could see do not lower it."""
        return share(self.new_customers, self.advocates)


def share(part: int, whole: int) -> float | None:
    """A ratio with four decimals; None of nothing."""
    return round(part / whole, 4) if whole > 0 else None


def average(total_minor: int, count: int) -> int | None:
    """The average amount in whole minor units, rounded half up; None of nothing."""
    return (2 * total_minor + count) // (2 * count) if count > 0 else None
