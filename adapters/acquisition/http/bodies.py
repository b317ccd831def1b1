"""What the acquisition routes have in common on the wire."""

from typing import Annotated

from litestar.params import QueryParameter
from msgspec import Meta

from acquisition.domain.deal import Terms
from acquisition.domain.person import Person
from adapters.acquisition.email import checked_email
from adapters.shared.http.bodies import Answer, Body, Email, MoneyBody, OptionalLine, PageSize, Reference

Cursor = Annotated[str | None, QueryParameter(required=False, max_length=500)]
Limit = PageSize
PhoneText = Annotated[str, Meta(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)", examples=["+49 151 23456789"])]
LocaleTag = Annotated[str, Meta(max_length=35, examples=["de"])]


class PersonRequest(Body, frozen=True, kw_only=True):
    """Who it is: at least the shop's own reference or an e-mail address. Kept in the vault and nowhere else."""

    reference: Reference | None = None
    email: Email | None = None
    first_name: OptionalLine = ""
    locale: LocaleTag | None = None
    phone: PhoneText | None = None

    def person(self, pointer: str) -> Person:
        email = checked_email(self.email, pointer=f"{pointer}/email") if self.email else None
        return Person(
            reference=self.reference,
            email=email,
            first_name=self.first_name,
            locale=self.locale,
            phone=self.phone,
        )


class DealAnswer(Answer, frozen=True, kw_only=True):
    """What the friend gets: `amount` off when fixed, else `basis_points` (1250 is 12.5 %) of the order up to `cap`."""

    kind: Annotated[str, Meta(examples=["fixed"])]
    amount: MoneyBody | None
    basis_points: int | None
    cap: MoneyBody | None
    minimum_order: MoneyBody | None
    first_order_only: bool

    @classmethod
    def of(cls, terms: Terms) -> "DealAnswer":
        fixed = terms.kind == "fixed"
        return cls(
            kind=terms.kind,
            amount=MoneyBody.of(terms.amount) if fixed else None,
            basis_points=None if fixed else terms.basis_points,
            cap=MoneyBody.of(terms.cap) if terms.cap else None,
            minimum_order=MoneyBody.of(terms.minimum_order) if terms.minimum_order_minor else None,
            first_order_only=terms.first_order_only,
        )
