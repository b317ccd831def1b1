"""Published facts of the engagement context."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from kernel.events import Event
from kernel.ids import AdvocateId, CustomerId

Channel = Literal["native", "email", "sms", "whatsapp", "facebook", "messenger", "x", "copy", "qr"]


class DealShared(Event, frozen=True, kw_only=True):
    """An advocate passed the deal on through a channel, as far as the shop's page could tell."""

    name = "engagement.deal_shared"

    share_id: UUID
    advocate_id: AdvocateId
    channel: Channel
    locale: str
    shared_at: datetime


class MessageSent(Event, frozen=True, kw_only=True):
    """A message left the house."""

    name = "engagement.message_sent"

    message_id: UUID
    customer_id: CustomerId
    channel: Literal["email"]
    template: str
    sent_at: datetime
