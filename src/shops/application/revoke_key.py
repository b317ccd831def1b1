"""Take an API key out of force: in this process at once, everywhere within two seconds, for the tag within five."""

from dataclasses import dataclass

from msgspec import Struct

from kernel.ids import ShopId
from shops.domain.api_key import KeyId
from shops.domain.audit import Actor, Note
from shops.events import KeyRevoked
from shops.ports import BeginWork, ForgetKey


class KeyRevocation(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    key_id: KeyId
    actor: Actor


@dataclass(frozen=True, slots=True)
class RevokeKey:
    """Revoking a key again changes nothing; an unknown key: KeyNotFound."""

    begin: BeginWork
    forget: ForgetKey

    async def __call__(self, command: KeyRevocation) -> None:
        async with self.begin(command.shop_id) as work:
            key = await work.keys.for_update(command.key_id)
            if key.revoked_at is not None:
                return
            await work.keys.revoke(key.revoke(at=work.now()), KeyRevoked(key_id=key.key_id))
            subject = str(key.key_id)
            note = Note(actor=command.actor, action="key.revoked", subject=subject, at=work.now())
            await work.audit.enter(note)
        self.forget(command.key_id)
