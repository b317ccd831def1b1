"""What a customer allowed, now and before."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct

from engagement.domain.consent import Consent
from engagement.ports import BeginWork
from kernel.ids import CustomerId, ShopId


class ConsentHistory(Struct, frozen=True, kw_only=True):
    """`current` holds the latest entry of each purpose and channel; both newest first."""

    current: Sequence[Consent]
    history: Sequence[Consent]


@dataclass(frozen=True, slots=True)
class ReadConsents:
    begin: BeginWork

    async def __call__(self, shop_id: ShopId, customer_id: CustomerId) -> ConsentHistory:
        async with self.begin(shop_id) as work:
            history = await work.consents.history(customer_id)
        latest: dict[tuple[str, str], Consent] = {}
        for consent in history:
            latest.setdefault((consent.purpose, consent.channel), consent)
        return ConsentHistory(current=list(latest.values()), history=history)
