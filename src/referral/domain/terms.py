"""The terms of an offer: what each side gets, under which conditions."""

from typing import Final, Self

import msgspec
from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import OfferId
from kernel.money import BASIS, EXPONENTS, Money
from referral.events import Benefit, OfferTerms

MOST: Final = 100_000_000
"""Largest amount that terms may name, in minor units: a million euros."""
LONGEST_HOLD: Final = 365
LONGEST_CLAIM: Final = 730


class TermsRefused(DomainError):
    code = "terms_refused"
    title = "These terms cannot be offered"


class Terms(Struct, frozen=True, kw_only=True):
    """Terms as a marketer writes them, before they become an offer version. Amounts are minor units of `currency`."""

    currency: str
    friend_deal: Benefit
    advocate_reward: Benefit
    minimum_order_minor: int = 0
    first_order_only: bool = True
    hold_days: int = 14
    claim_days: int = 30
    attribution_days: int = 30

    def checked(self) -> Self:
        """The terms themselves, or TermsRefused naming the field at fault."""
        if self.currency not in EXPONENTS:
            raise TermsRefused("This currency is not supported.", pointer="/terms/currency")
        _check_benefit(self.friend_deal, "/terms/friend_deal")
        _check_benefit(self.advocate_reward, "/terms/advocate_reward")
        if not is_worth(self.friend_deal) and not is_worth(self.advocate_reward):
            raise TermsRefused("At least one side must get something.", pointer="/terms/advocate_reward")
        _within("minimum_order_minor", self.minimum_order_minor, 0, MOST)
        _within("hold_days", self.hold_days, 0, LONGEST_HOLD)
        _within("claim_days", self.claim_days, 1, LONGEST_CLAIM)
        _within("attribution_days", self.attribution_days, 1, LONGEST_CLAIM)
        return self

    def traded_in(self, currency: str) -> Self:
        """The terms themselves; refused in another currency than the shop's, in which no order would ever earn."""
        if self.currency != currency and self.currency in EXPONENTS:
            raise TermsRefused(f"The shop trades in {currency}.", pointer="/terms/currency")
        return self

    def as_offer(self, offer_id: OfferId, version: int) -> OfferTerms:
        return OfferTerms(offer_id=offer_id, version=version, **msgspec.structs.asdict(self))


def is_worth(benefit: Benefit) -> bool:
    """True when this side gets anything at all."""
    return benefit.amount_minor > 0 if benefit.kind == "fixed" else benefit.basis_points > 0


def earned(benefit: Benefit, base_minor: int, currency: str) -> int:
    """Minor units that a benefit makes of an order's base: the fixed amount, or the share rounded half up, capped."""
    if benefit.kind == "fixed":
        return benefit.amount_minor
    share = Money(base_minor, currency).share(benefit.basis_points).amount_minor
    return share if benefit.cap_minor is None else min(share, benefit.cap_minor)


def _check_benefit(benefit: Benefit, pointer: str) -> None:
    if benefit.kind == "fixed":
        if not 0 <= benefit.amount_minor <= MOST:
            raise TermsRefused(f"The amount must be from 0 to {MOST}.", pointer=f"{pointer}/amount_minor")
        if benefit.basis_points or benefit.cap_minor is not None:
            raise TermsRefused("A fixed amount has no share and no cap.", pointer=pointer)
        return
    if benefit.amount_minor:
        raise TermsRefused("A share of the order has no fixed amount.", pointer=f"{pointer}/amount_minor")
    if not 1 <= benefit.basis_points <= BASIS:
        raise TermsRefused("The share must be from 1 to 10000 basis points.", pointer=f"{pointer}/basis_points")
    if benefit.cap_minor is not None and not 1 <= benefit.cap_minor <= MOST:
        raise TermsRefused(f"The cap must be from 1 to {MOST}.", pointer=f"{pointer}/cap_minor")


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise TermsRefused(f"The value must be from {least} to {most}.", pointer=f"/terms/{name}")
