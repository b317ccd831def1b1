"""What stands for names in other contexts, without anybody being recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kernel.ids import ShopId
from shops.domain import signs
from shops.domain.recognition import MOST_AT_ONCE, TooManyPeople


@dataclass(frozen=True, slots=True)
class NameKeys:
    """In the order asked; None for a name of a single word, which fits too many. The names are kept nowhere."""

    person_key: bytes

    async def __call__(self, shop_id: ShopId, names: Sequence[str]) -> tuple[UUID | None, ...]:
        if len(names) > MOST_AT_ONCE:
            raise TooManyPeople
        return tuple(signs.name_key(self.person_key, shop_id, name) for name in names)
