"""How somebody met again is recognised."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct, structs

from kernel.errors import DomainError
from kernel.ids import CustomerId, PersonId, ShopId
from shops.domain import person
from shops.domain.customer import Customer
from shops.domain.places import spoken
from shops.domain.text import tidy

REFERENCE_LIMIT: Final = 200
NAME_LIMIT: Final = 200
PHONE_LIMIT: Final = 40
MOST_AT_ONCE: Final = 1000


class InvalidEmail(DomainError):
    code = "invalid_email"
    title = "This is not an e-mail address"


class NobodyToIdentify(DomainError):
    code = "nobody_to_identify"
    title = "Nothing says who the customer is"


class TooManyPeople(DomainError):
    code = "too_many_people"
    kind = "too_large"
    title = f"Up to {MOST_AT_ONCE} people can be identified at once"


class VaultContended(DomainError):
    """Somebody else stored the same people at the same moment: read again and decide again."""

    code = "vault_contended"
    kind = "unavailable"
    title = "The same customers are being changed right now; try again shortly"


class Introduction(Struct, frozen=True, kw_only=True):
    """What somebody says about a person, as it came. `reference` is the shop's own customer number.

    `otherwise` is a reference of the asker's own making, for when there is neither one of the shop's nor a usable
    address: whoever asks again about the same order or form gets the same customer again.
    """

    reference: str | None = None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None
    otherwise: str | None = None
    refers_to: str | None = None
    """Whom this person names as having recommended the shop. It is hashed, answered and forgotten."""


class Identified(Struct, frozen=True, kw_only=True):
    """The last three are signs (see `shops.domain.signs`): of the person's number, of their name, of `refers_to`."""

    customer_id: CustomerId
    person_id: PersonId
    phone_id: UUID | None = None
    name_key: UUID | None = None
    refers_to: UUID | None = None


class Known(Struct, frozen=True, kw_only=True):
    """An introduction that was understood: tidied texts, and the person if anything says who it is."""

    reference: str | None
    email: str | None
    person_id: PersonId | None
    """By e-mail; None without a usable address."""
    first_name: str
    last_name: str
    locale: str | None
    phone: str | None


class Plan(Struct, frozen=True):
    """What identifying a batch stores: new records, changed records, and the answers in the order asked."""

    added: tuple[Customer, ...]
    changed: tuple[Customer, ...]
    answers: tuple[Identified, ...]


def insist(said: Introduction) -> None:
    """Refuse an address that is none, and somebody who could not be recognised again."""
    if said.email and person.parse_email(said.email) is None:
        raise InvalidEmail(pointer="/email")
    if not said.email and _reference(said.reference) is None:
        raise NobodyToIdentify("Give the shop's own reference of the customer or an e-mail address.", pointer="")


def understand(key: bytes, shop_id: ShopId, said: Introduction) -> Known:
    """Tidy what was said. An address that is none counts as no address; nothing is refused."""
    email = person.parse_email(said.email)
    reference = _reference(said.reference)
    return Known(
        reference=reference if reference or email else _reference(said.otherwise),
        email=email.address if email else None,
        person_id=person.person_by_email(key, shop_id, email) if email else None,
        first_name=tidy(said.first_name, limit=NAME_LIMIT),
        last_name=tidy(said.last_name, limit=NAME_LIMIT),
        locale=spoken(said.locale),
        phone=tidy(said.phone, limit=PHONE_LIMIT) or None,
    )


def recognise(
    people: Sequence[Known],
    stored: Iterable[Customer],
    *,
    key: bytes,
    shop_id: ShopId,
    new_id: Callable[[], CustomerId],
    at: datetime,
) -> Plan:
    """Decide who each one is, given every stored record that shares a reference or a person with the batch.

    The shop's own reference decides first; what the shop says of its customer replaces what is stored. A reference
    not seen before adopts the guest record of the same person. Somebody without a reference is the guest of that
    address, else the shop's oldest customer of that address: their words fill a guest's blanks and never touch a
    customer's record, for anybody can type any address. Nothing to go by: a record of their own.
    """
    book = _Book(key, shop_id, stored, new_id, at)
    answers: dict[int, CustomerId] = {}
    for index, known in enumerate(people):
        if known.reference is not None:
            answers[index] = book.customer(known, known.reference)
    book.index_people()
    for index, known in enumerate(people):
        if known.reference is None:
            answers[index] = book.guest(known)
    return book.plan([answers[index] for index in range(len(people))])


class _Book:
    """The records as a batch is worked through."""

    def __init__(
        self,
        key: bytes,
        shop_id: ShopId,
        stored: Iterable[Customer],
        new_id: Callable[[], CustomerId],
        at: datetime,
    ) -> None:
        self._key, self._shop_id, self._new_id, self._at = key, shop_id, new_id, at
        self._stored = {record.customer_id: record for record in stored if not record.erased_at}
        self._now = dict(self._stored)
        self._by_reference = {r.reference: r.customer_id for r in self._now.values() if r.reference is not None}
        self._guests = {r.person_id: r.customer_id for r in self._now.values() if r.reference is None}
        self._regulars: dict[PersonId, CustomerId] = {}
        self._persons = {record.person_id for record in self._now.values()}

    def index_people(self) -> None:
        """Find the oldest customer of each person, as the customers of this batch have left them."""
        for record in sorted(self._now.values(), key=lambda r: (r.created_at, r.customer_id)):
            if record.reference is not None:
                self._regulars.setdefault(record.person_id, record.customer_id)

    def customer(self, known: Known, reference: str) -> CustomerId:
        found = self._by_reference.get(reference)
        if found is None and known.person_id is not None:
            found = self._guests.pop(known.person_id, None)
        if found is None:
            found = self._add(known, known.person_id or person.person_by_reference(self._key, self._shop_id, reference))
        else:
            self._change(_replaced(self._now[found], known, reference))
        self._by_reference[reference] = found
        return found

    def guest(self, known: Known) -> CustomerId:
        if known.person_id is None:
            return self._add(known, None)
        found = self._guests.get(known.person_id)
        if found is not None:
            self._now[found] = _filled(self._now[found], known)
            return found
        regular = self._regulars.get(known.person_id)
        if regular is not None:
            return regular
        self._guests[known.person_id] = self._add(known, known.person_id)
        return self._guests[known.person_id]

    def plan(self, answers: list[CustomerId]) -> Plan:
        now = self._now
        return Plan(
            tuple(record for record in now.values() if record.customer_id not in self._stored),
            tuple(now[each] for each, before in self._stored.items() if now[each] != before),
            tuple(Identified(customer_id=each, person_id=now[each].person_id) for each in answers),
        )

    def _change(self, record: Customer) -> None:
        if record.person_id != self._now[record.customer_id].person_id:
            record = structs.replace(record, leads=self._is_new(record.person_id))
        self._now[record.customer_id] = record

    def _is_new(self, person_id: PersonId) -> bool:
        """Whether no record of this person was known, also not one that the same batch moves to another person:
        both would lead for a moment. A guest's record is made last and only when nobody is left, so it leads."""
        is_new = person_id not in self._persons
        self._persons.add(person_id)
        return is_new

    def _add(self, known: Known, person_id: PersonId | None) -> CustomerId:
        customer_id = self._new_id()
        person_id = person_id or person.person_of_record(self._key, self._shop_id, customer_id)
        self._now[customer_id] = Customer(
            shop_id=self._shop_id,
            customer_id=customer_id,
            person_id=person_id,
            reference=known.reference,
            email=known.email,
            first_name=known.first_name,
            last_name=known.last_name,
            locale=known.locale,
            phone=known.phone,
            leads=self._is_new(person_id) or known.reference is None,
            created_at=self._at,
        )
        return customer_id


def _replaced(record: Customer, known: Known, reference: str) -> Customer:
    """What the shop says now, where it says anything."""
    return structs.replace(
        record,
        reference=reference,
        person_id=known.person_id or record.person_id,
        email=known.email or record.email,
        first_name=known.first_name or record.first_name,
        last_name=known.last_name or record.last_name,
        locale=known.locale or record.locale,
        phone=known.phone or record.phone,
    )


def _filled(record: Customer, known: Known) -> Customer:
    """What is stored, its blanks filled."""
    return structs.replace(
        record,
        first_name=record.first_name or known.first_name,
        last_name=record.last_name or known.last_name,
        locale=record.locale or known.locale,
        phone=record.phone or known.phone,
    )


def _reference(text: str | None) -> str | None:
    """The shop's reference, exact but for control letters; one too long for an index is replaced by its hash."""
    limit = 4 * REFERENCE_LIMIT
    if text and len(text) > limit:
        return "sha256:" + hashlib.sha256(text.encode(errors="replace")).hexdigest()
    reference = tidy(text, limit=limit)
    if len(reference) > REFERENCE_LIMIT:
        return "sha256:" + hashlib.sha256(reference.encode(errors="replace")).hexdigest()
    return reference or None
