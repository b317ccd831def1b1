"""Programmes, terms and benefits as they travel over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from litestar.datastructures import ResponseHeader
from litestar.params import HeaderParameter, QueryParameter
from msgspec import Meta

from adapters.shared.http.bodies import Answer, Body, CurrencyCode, Line, MoneyBody, PageSize
from adapters.shared.http.ids import to_wire
from referral.domain.programme import Offer, Programme
from referral.domain.terms import MOST, Terms, TermsRefused
from referral.events import Benefit, OfferTerms

Cursor = Annotated[str | None, QueryParameter(required=False, max_length=500)]
Limit = PageSize
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", required=False, max_length=100, description="The ETag of the state that the change was made on"
    ),
]
ETAG = ResponseHeader(name="ETag", description="Stands for this revision", documentation_only=True)
ProgrammeIdText = Annotated[str, Meta(max_length=64, examples=["prg_01k9z7d2m8f3rt5wq6x7y8z9ab"])]


class BenefitBody(Body, frozen=True, kw_only=True):
    """`fixed` has an `amount`; `percent` has `basis_points` (1250: 12.5 %) of the order's base and maybe a `cap`."""

    kind: Literal["fixed", "percent"]
    amount: MoneyBody | None = None
    basis_points: Annotated[int, Meta(ge=0, le=10_000, examples=[1000])] | None = None
    cap: MoneyBody | None = None

    def benefit(self, currency: str, pointer: str) -> Benefit:
        return Benefit(
            kind=self.kind,
            amount_minor=_minor(self.amount, currency, f"{pointer}/amount") or 0,
            basis_points=self.basis_points or 0,
            cap_minor=_minor(self.cap, currency, f"{pointer}/cap"),
        )

    @classmethod
    def of(cls, benefit: Benefit, currency: str) -> "BenefitBody":
        if benefit.kind == "fixed":
            return cls(kind="fixed", amount=MoneyBody(amount_minor=benefit.amount_minor, currency=currency))
        cap = None if benefit.cap_minor is None else MoneyBody(amount_minor=benefit.cap_minor, currency=currency)
        return cls(kind="percent", basis_points=benefit.basis_points, cap=cap)


class TermsBody(Body, frozen=True, kw_only=True):
    """What both sides get, and when. Amounts are in `currency`; an order's base is without tax, shipping, discount."""

    currency: CurrencyCode
    friend_deal: BenefitBody
    advocate_reward: BenefitBody
    minimum_order: MoneyBody | None = None
    first_order_only: bool = True
    hold_days: Annotated[int, Meta(ge=0, le=365, examples=[14])] = 14
    claim_days: Annotated[int, Meta(ge=1, le=730, examples=[30])] = 30
    attribution_days: Annotated[int, Meta(ge=1, le=730, examples=[30])] = 30

    def terms(self) -> Terms:
        return Terms(
            currency=self.currency,
            friend_deal=self.friend_deal.benefit(self.currency, "/terms/friend_deal"),
            advocate_reward=self.advocate_reward.benefit(self.currency, "/terms/advocate_reward"),
            minimum_order_minor=_minor(self.minimum_order, self.currency, "/terms/minimum_order") or 0,
            first_order_only=self.first_order_only,
            hold_days=self.hold_days,
            claim_days=self.claim_days,
            attribution_days=self.attribution_days,
        )

    @classmethod
    def of(cls, terms: OfferTerms) -> "TermsBody":
        return cls(
            currency=terms.currency,
            friend_deal=BenefitBody.of(terms.friend_deal, terms.currency),
            advocate_reward=BenefitBody.of(terms.advocate_reward, terms.currency),
            minimum_order=MoneyBody(amount_minor=terms.minimum_order_minor, currency=terms.currency),
            first_order_only=terms.first_order_only,
            hold_days=terms.hold_days,
            claim_days=terms.claim_days,
            attribution_days=terms.attribution_days,
        )


class ProgrammeRequest(Body, frozen=True, kw_only=True):
    title: Annotated[Line, Meta(examples=["Friends of Nordlicht"])]
    terms: TermsBody


class ProgrammePatch(Body, frozen=True, kw_only=True):
    """What is left out stays. Terms can be changed while the programme is a draft."""

    title: Line | None = None
    terms: TermsBody | None = None


class OfferRequest(Body, frozen=True, kw_only=True):
    terms: TermsBody


class OfferAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["ofr_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    version: int
    launched_at: datetime | None
    """From when it is in force, until the next version's; null while it is a draft."""
    terms: TermsBody

    @classmethod
    def of(cls, offer: Offer) -> "OfferAnswer":
        return cls(
            id=to_wire("ofr", offer.terms.offer_id),
            version=offer.terms.version,
            launched_at=offer.launched_at,
            terms=TermsBody.of(offer.terms),
        )


class ProgrammeAnswer(Answer, frozen=True, kw_only=True):
    id: ProgrammeIdText
    revision: int
    title: str
    kind: Literal["refer_a_friend"]
    state: Literal["draft", "live", "paused", "ended"]
    offer: OfferAnswer
    """The version in force, or the draft."""
    offers: list[OfferAnswer]
    created_at: datetime

    @classmethod
    def of(cls, programme: Programme) -> "ProgrammeAnswer":
        offers = [OfferAnswer.of(offer) for offer in programme.offers]
        return cls(
            id=to_wire("prg", programme.programme_id),
            revision=programme.revision,
            title=programme.title,
            kind=programme.kind,
            state=programme.state,
            offer=offers[-1],
            offers=offers,
            created_at=programme.created_at,
        )


class ProgrammeList(Answer, frozen=True, kw_only=True):
    items: list[ProgrammeAnswer]
    next_cursor: str | None


def revision_of(if_match: str | None) -> int | None:
    """The revision in an If-Match header: None for none or "*"; 0, which nothing has, for what we never gave out."""
    if if_match is None or if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def _minor(money: MoneyBody | None, currency: str, pointer: str) -> int | None:
    if money is None:
        return None
    if money.currency != currency:
        raise TermsRefused(f"The amount must be in {currency}.", pointer=pointer)
    if not 0 <= money.amount_minor <= MOST:
        raise TermsRefused(f"The amount must be from 0 to {MOST}.", pointer=f"{pointer}/amount_minor")
    return money.amount_minor
