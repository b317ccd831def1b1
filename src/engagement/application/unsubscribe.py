"""The owner of an address wants no more mails of a kind, and says so from a mail."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from msgspec import Struct

from engagement.domain.consent import Consent, Purpose, Suppression
from engagement.ports import BeginWork
from kernel.ids import CustomerId, ShopId

TEXT_VERSION: Final = "unsubscribe-1"


class Unsubscribing(Struct, frozen=True, kw_only=True):
    """What the signed link in a mail says: no personal data, the address only as its keyed hash."""

    shop_id: ShopId
    customer_id: CustomerId
    address_hash: str
    purpose: Purpose
    locale: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Suppresses the address and notes the withdrawal, once however often it is asked for."""

    begin: BeginWork
    new_id: Callable[[], UUID]

    async def __call__(self, wish: Unsubscribing, *, proof: str) -> None:
        async with self.begin(wish.shop_id) as work:
            now = work.now()
            entry = Suppression(address_hash=wish.address_hash, scope=wish.purpose, why="unsubscribed", since=now)
            if not await work.suppressions.add(entry):
                return
            withdrawal = Consent(
                consent_id=self.new_id(),
                customer_id=wish.customer_id,
                purpose=wish.purpose,
                channel="email",
                decision="withdrawn",
                text_version=TEXT_VERSION,
                country=work.shop.country,
                proof=proof,
                decided_at=now,
            )
            await work.consents.add(withdrawal)
