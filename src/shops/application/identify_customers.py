"""Say who people are: find or make the customer record of each, many at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec import Struct, structs

from kernel.ids import CustomerId, ShopId
from shops.domain import signs
from shops.domain.customer import Customer
from shops.domain.recognition import (
    MOST_AT_ONCE,
    Identified,
    Introduction,
    Known,
    TooManyPeople,
    VaultContended,
    insist,
    recognise,
    understand,
)
from shops.domain.signs import PhoneNumber
from shops.ports import BeginWork

TRIES: Final = 8


class Introductions(Struct, frozen=True, kw_only=True):
    """`strict` refuses people who cannot be recognised again and addresses that are none; else both are let pass.

    Without `keep` nothing is stored: who is not known yet gets ids that nobody will have again.
    """

    shop_id: ShopId
    people: tuple[Introduction, ...]
    strict: bool = False
    names: bool = False
    """Answer with what stands for each one's own name, too."""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class IdentifyCustomers:
    """Answers in the order asked. Asking again answers the same, also when several ask at the same moment.

    Somebody with neither a reference nor a usable e-mail address is a new customer each time: a caller who may
    repeat itself says `otherwise`, a reference of its own making ("order:1001").
    """

    begin: BeginWork
    new_id: Callable[[], CustomerId]
    person_key: bytes
    phone_number: PhoneNumber

    async def __call__(self, command: Introductions) -> tuple[Identified, ...]:
        if len(command.people) > MOST_AT_ONCE:
            raise TooManyPeople
        if command.strict:
            for said in command.people:
                insist(said)
        people = [understand(self.person_key, command.shop_id, said) for said in command.people]
        for _ in range(TRIES - 1):
            try:
                return await self._identify(command, people)
            except VaultContended:
                continue
        return await self._identify(command, people)

    async def _identify(self, command: Introductions, people: list[Known]) -> tuple[Identified, ...]:
        references = sorted({known.reference for known in people if known.reference is not None})
        persons = sorted({known.person_id for known in people if known.person_id is not None})
        async with self.begin(command.shop_id) as work:
            stored = await work.customers.sharing(references, persons)
            plan = recognise(
                people,
                stored,
                key=self.person_key,
                shop_id=command.shop_id,
                new_id=self.new_id,
                at=work.now(),
            )
            if command.keep:
                await work.customers.store(plan)
            country = work.country
        records = {record.customer_id: record for record in (*stored, *plan.changed, *plan.added)}
        return tuple(
            self._signed(command, said, known, records[found.customer_id], country, found)
            for said, known, found in zip(command.people, people, plan.answers, strict=True)
        )

    def _signed(
        self,
        command: Introductions,
        said: Introduction,
        known: Known,
        record: Customer,
        country: str,
        found: Identified,
    ) -> Identified:
        """What was found, with what stands for the number, as said or else as stored, and for names."""
        phone = known.phone or record.phone
        number = self.phone_number(phone, country) if phone else None
        if number is None and not said.refers_to and not command.names:
            return found
        key, shop_id = self.person_key, command.shop_id
        name = f"{record.first_name} {record.last_name}"
        return structs.replace(
            found,
            phone_id=signs.phone_id(key, shop_id, number) if number else None,
            name_key=signs.name_key(key, shop_id, name) if command.names else None,
            refers_to=signs.name_key(key, shop_id, said.refers_to) if said.refers_to else None,
        )
