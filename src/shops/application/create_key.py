"""Create an API key; its secret is shown this once."""

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from shops.domain.api_key import MOST_KEYS, RANDOM_BYTES, ApiKey, KeyId, Kind, TooManyKeys, fingerprint
from shops.domain.audit import OPERATOR, Actor, Note
from shops.domain.scopes import SCOPES, parse
from shops.ports import BeginWork


class NewKey(Struct, frozen=True, kw_only=True):
    """`held` are the scopes of whoever asks; an operator holds all."""

    shop_id: ShopId
    label: str
    kind: Kind = "secret"
    scopes: frozenset[str] = SCOPES
    held: frozenset[str] = SCOPES
    actor: Actor = OPERATOR


class CreatedKey(Struct, frozen=True):
    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class CreateKey:
    """Refuses scopes that are none, that the asker does not hold, and more than MOST_KEYS keys in force."""

    begin: BeginWork
    new_id: Callable[[], KeyId]
    random: Callable[[int], bytes]

    async def __call__(self, command: NewKey) -> CreatedKey:
        wanted = parse(command.scopes)
        async with self.begin(command.shop_id) as work:
            shop = await work.shops.for_update()
            if await work.keys.count_in_force() >= MOST_KEYS:
                raise TooManyKeys
            key, secret = ApiKey.create(
                command.shop_id,
                self.new_id(),
                kind=command.kind,
                label=command.label,
                wanted=wanted,
                held=command.held,
                test_mode=shop.test_mode,
                random=self.random(RANDOM_BYTES),
                at=work.now(),
            )
            await work.keys.add(key, fingerprint(secret))
            await work.audit.enter(
                Note(
                    actor=command.actor,
                    action="key.created",
                    subject=str(key.key_id),
                    at=key.created_at,
                    details={"kind": key.kind, "scopes": sorted(key.scopes)},
                )
            )
        return CreatedKey(key, secret)
