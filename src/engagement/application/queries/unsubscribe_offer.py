"""What the page that a mail's unsubscribe link opens must show."""

from dataclasses import dataclass

from msgspec import Struct

from engagement.application.unsubscribe import Unsubscribing
from engagement.ports import BeginWork, Shop


class UnsubscribeOffer(Struct, frozen=True, kw_only=True):
    shop: Shop
    done: bool
    """The address is on the list already."""


@dataclass(frozen=True, slots=True)
class OfferUnsubscribe:
    """Changes nothing: mail scanners open links too."""

    begin: BeginWork

    async def __call__(self, wish: Unsubscribing) -> UnsubscribeOffer:
        async with self.begin(wish.shop_id) as work:
            entries = await work.suppressions.of_address(wish.address_hash)
            return UnsubscribeOffer(shop=work.shop, done=any(e.scope in ("all", wish.purpose) for e in entries))
