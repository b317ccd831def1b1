"""Say who people are: find or make the customer record of each, many at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from kernel.ids import CustomerId, ShopId
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
from shops.ports import BeginWork

TRIES: Final = 8


class Introductions(Struct, frozen=True, kw_only=True):
    """`strict` refuses people who cannot be recognised again and addresses that are none; else both are let pass."""

    shop_id: ShopId
    people: tuple[Introduction, ...]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class IdentifyCustomers:
    """Answers in the order asked. Asking again answers the same, also when several ask at the same moment.

    Somebody with neither a reference nor a usable e-mail address is a new customer each time: a caller who may
    repeat itself says `otherwise`, a reference of its own making ("order:1001").
    """

    begin: BeginWork
    new_id: Callable[[], CustomerId]
    person_key: bytes

    async def __call__(self, command: Introductions) -> tuple[Identified, ...]:
        if len(command.people) > MOST_AT_ONCE:
            raise TooManyPeople
        if command.strict:
            for said in command.people:
                insist(said)
        people = [understand(self.person_key, command.shop_id, said) for said in command.people]
        for _ in range(TRIES - 1):
            try:
                return await self._identify(command.shop_id, people)
            except VaultContended:
                continue
        return await self._identify(command.shop_id, people)

    async def _identify(self, shop_id: ShopId, people: list[Known]) -> tuple[Identified, ...]:
        references = sorted({known.reference for known in people if known.reference is not None})
        persons = sorted({known.person_id for known in people if known.person_id is not None})
        async with self.begin(shop_id) as work:
            plan = recognise(
                people,
                await work.customers.sharing(references, persons),
                key=self.person_key,
                shop_id=shop_id,
                new_id=self.new_id,
                at=work.now(),
            )
            await work.customers.store(plan)
        return plan.answers
