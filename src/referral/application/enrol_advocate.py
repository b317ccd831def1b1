"""Enrol a customer as an advocate of a programme. Enrolling again answers with the same advocate."""

from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from kernel.errors import DomainError
from kernel.ids import AdvocateId, ProgrammeId, ShopId
from referral.domain.advocate import Advocate, CustomerUnnamed
from referral.domain.programme import Programme, ProgrammeNotFound
from referral.ports import BeginWork, Known, NewCode, NewId, Vault, Work

CODE_LETTERS: Final = 8
LINK_LETTERS: Final = 10
_TRIES: Final = 5


class CodesExhausted(DomainError):
    code = "codes_exhausted"
    kind = "unavailable"
    title = "No free code was found; try again"


class EnrolAdvocate(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    programme_id: ProgrammeId
    reference: str | None
    email: str | None
    first_name: str
    locale: str | None = None
    last_name: str = ""


class Enrolment(Struct, frozen=True):
    advocate: Advocate
    new: bool


@dataclass(frozen=True, slots=True)
class EnrolAdvocateHandler:
    begin: BeginWork
    vault: Vault
    new_id: NewId
    new_code: NewCode

    async def __call__(self, command: EnrolAdvocate) -> Enrolment:
        if not command.reference and not command.email:
            raise CustomerUnnamed(pointer="/customer_reference")
        async with self.begin(command.shop_id) as work:  # first: of whom no programme is for nothing is kept
            programme = await _programme(work, command)
        known = await self.vault.identify(
            command.shop_id, reference=command.reference, email=command.email,
            first_name=command.first_name, locale=command.locale, last_name=command.last_name,
            keep=programme.takes_advocates,
        )  # fmt: skip
        async with self.begin(command.shop_id) as work:
            if programme.takes_advocates:  # else it stays as it was: nobody new was kept
                programme = await _programme(work, command)
            return await self._enrolled(work, command, programme, known)

    async def _enrolled(self, work: Work, command: EnrolAdvocate, programme: Programme, known: Known) -> Enrolment:
        for _ in range(_TRIES):
            there = await work.advocates.of_customer(command.programme_id, known.customer_id)
            if there is not None:
                return Enrolment(there, new=False)
            advocate, event = Advocate.enrol(
                programme, advocate_id=AdvocateId(self.new_id()), customer_id=known.customer_id,
                person_id=known.person_id, code=self.new_code(CODE_LETTERS),
                link_code=self.new_code(LINK_LETTERS).lower(), at=work.now(),
                name_key=known.name_key,
            )  # fmt: skip
            if await work.advocates.add(advocate, event):
                return Enrolment(advocate, new=True)
        raise CodesExhausted


async def _programme(work: Work, command: EnrolAdvocate) -> Programme:
    try:
        return await work.programmes.get(command.programme_id)
    except ProgrammeNotFound:
        raise ProgrammeNotFound(pointer="/programme_id") from None
