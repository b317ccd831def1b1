"""A customer gave or withdrew consent."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from engagement.domain.consent import Consent, ConsentChannel, Decision, Purpose
from engagement.ports import BeginWork, LookUpRecipients
from kernel.errors import DomainError
from kernel.ids import CustomerId, ShopId


class UnknownCustomer(DomainError):
    code = "unknown_customer"
    kind = "not_found"
    title = "The shop knows no such customer"


class RecordConsentOf(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    customer_id: CustomerId
    purpose: Purpose
    channel: ConsentChannel
    decision: Decision
    text_version: str
    country: str | None
    proof: str


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """Appends to the customer's history; nothing is ever overwritten. Refuses whom the shop does not know."""

    begin: BeginWork
    look_up: LookUpRecipients
    new_id: Callable[[], UUID]

    async def __call__(self, command: RecordConsentOf) -> Consent:
        if not await self.look_up(command.shop_id, [command.customer_id]):
            raise UnknownCustomer(pointer="/customer_id")
        async with self.begin(command.shop_id) as work:
            consent = Consent(
                consent_id=self.new_id(),
                customer_id=command.customer_id,
                purpose=command.purpose,
                channel=command.channel,
                decision=command.decision,
                text_version=command.text_version,
                country=command.country or work.shop.country,
                proof=command.proof,
                decided_at=work.now(),
            )
            await work.consents.add(consent)
        return consent
