"""An advocate: a customer enrolled in a programme, with a code to type and a link to share."""

from datetime import datetime
from typing import Self
from uuid import UUID

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import AdvocateId, CustomerId, PersonId, ProgrammeId, ShopId
from referral.domain.programme import Programme
from referral.events import AdvocateEnrolled


class AdvocateNotFound(DomainError):
    code = "advocate_not_found"
    kind = "not_found"
    title = "There is no such advocate"


class ProgrammeClosed(DomainError):
    code = "programme_closed"
    kind = "conflict"
    title = "The programme takes no advocates now"


class CustomerUnnamed(DomainError):
    code = "customer_unnamed"
    title = "Name the customer by reference or by e-mail"


class Advocate(Struct, frozen=True, kw_only=True):
    """Codes are stored as `kernel.codes.normalise` gives them; the link code is lower case."""

    shop_id: ShopId
    advocate_id: AdvocateId
    programme_id: ProgrammeId
    customer_id: CustomerId
    person_id: PersonId
    code: str
    link_code: str
    enrolled_at: datetime

    @classmethod
    def enrol(
        cls, programme: Programme, *, advocate_id: AdvocateId, customer_id: CustomerId, person_id: PersonId,
        code: str, link_code: str, at: datetime, name_key: UUID | None = None,
    ) -> tuple[Self, AdvocateEnrolled]:  # fmt: skip
        """Take a customer in. Refuses while the programme is not live."""
        if not programme.takes_advocates:
            raise ProgrammeClosed(pointer="/programme_id")
        advocate = cls(
            shop_id=programme.shop_id, advocate_id=advocate_id, programme_id=programme.programme_id,
            customer_id=customer_id, person_id=person_id, code=code, link_code=link_code, enrolled_at=at,
        )  # fmt: skip
        return advocate, AdvocateEnrolled(
            advocate_id=advocate_id, programme_id=programme.programme_id, customer_id=customer_id,
            person_id=person_id, code=code, link_code=link_code, enrolled_at=at, name_key=name_key,
        )  # fmt: skip
