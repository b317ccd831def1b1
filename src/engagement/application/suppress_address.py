"""Put an address on the suppression list, known from then on only by its keyed hash."""

from dataclasses import dataclass

from msgspec import Struct

from engagement.domain.consent import Scope, Suppression, Why, address_hash
from engagement.ports import BeginWork
from kernel.ids import ShopId


class Suppress(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    email: str
    scope: Scope
    why: Why


@dataclass(frozen=True, slots=True)
class SuppressAddress:
    """Repeating it changes nothing. Raises MalformedAddress."""

    begin: BeginWork
    suppression_key: bytes

    async def __call__(self, command: Suppress) -> Suppression:
        hashed = address_hash(self.suppression_key, command.shop_id, command.email)
        async with self.begin(command.shop_id) as work:
            entry = Suppression(address_hash=hashed, scope=command.scope, why=command.why, since=work.now())
            await work.suppressions.add(entry)
        return entry
