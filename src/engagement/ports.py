"""What the engagement context needs from outside."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from engagement.domain.consent import Consent, Scope, Suppression
from engagement.domain.deal import Advocate, Deal, Programme
from engagement.domain.message import Kind, Message, Recipient, Side, SkipReason, Standing
from engagement.domain.sharing import Share, Words
from engagement.events import Channel
from kernel.ids import AdvocateId, CustomerId, ProgrammeId, RewardId, ShopId


class Shop(Struct, frozen=True, kw_only=True):
    """What this context says and shows of a shop. Colours are "#rrggbb"."""

    shop_id: ShopId
    title: str
    country: str
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    storefront_url: str
    logo_url: str
    colour: str
    colour_text: str


class Programmes(Protocol):
    """The shop's programmes as heard from the referral context."""

    async def get(self, programme_id: ProgrammeId) -> Programme | None: ...

    async def keep(self, programmes: Sequence[Programme]) -> None:
        """Remember each unless the same or a higher revision of it is known already."""
        ...


class Advocates(Protocol):
    """The shop's advocates as heard from the referral context."""

    async def get(self, advocate_id: AdvocateId) -> Advocate:
        """Raises UnknownAdvocate."""
        ...

    async def keep(self, advocates: Sequence[Advocate]) -> None:
        """Remember each once; a repetition changes nothing."""
        ...


class Shares(Protocol):
    async def add(self, share: Share) -> None:
        """Store the share with its event."""
        ...


class Outcome(Struct, frozen=True, kw_only=True):
    """How one try to send went. `error` is a short cause without personal data, empty when sent."""

    message_id: UUID
    result: Literal["sent", "try_again", "given_up"]
    error: str = ""
    wait: timedelta = timedelta()


MessageState = Literal["queued", "sending", "sent", "skipped", "parked"]


class MessageFilter(Struct, frozen=True, kw_only=True):
    """`before` is the id of the last message of the page before."""

    limit: int
    before: UUID | None = None
    customer_id: CustomerId | None = None
    state: MessageState | None = None


class MessageRow(Struct, frozen=True, kw_only=True):
    """A message and what became of it; `reason` says why it was skipped, parked or must be tried again."""

    message_id: UUID
    customer_id: CustomerId
    reward_id: RewardId
    revision: int
    side: Side
    template: Kind
    state: MessageState
    reason: str
    tries: int
    due_at: datetime
    settled_at: datetime | None


class Messages(Protocol):
    """The queue of messages, one per reward, kind and revision."""

    async def queue(self, messages: Sequence[Message]) -> None:
        """Add those that are new and newer than what is queued or sent for their reward, and wake the sender."""
        ...

    async def claim(self, limit: int, hold: timedelta) -> list[Message]:
        """Take messages that are due and mark them as being sent for `hold`; overtaken ones are skipped."""
        ...

    async def skip(self, reasons: Mapping[UUID, SkipReason]) -> None: ...

    async def settle(self, outcomes: Sequence[Outcome], sent: Sequence[Message]) -> None:
        """Store how the tries went, with an event for each message that was sent."""
        ...

    async def skip_all_due(self, reason: SkipReason) -> None: ...

    async def page(self, wanted: MessageFilter) -> list[MessageRow]:
        """Newest first."""
        ...


class Consents(Protocol):
    async def add(self, consent: Consent) -> None:
        """Append to the customer's history."""
        ...

    async def history(self, customer_id: CustomerId) -> list[Consent]:
        """Everything the customer decided, newest first; at most 1000 entries."""
        ...

    async def standings(self, hashes: Mapping[CustomerId, str]) -> dict[CustomerId, Standing]:
        """What each customer's address (by hash) and latest decisions rule out for e-mail; only those with any."""
        ...


class Suppressions(Protocol):
    async def add(self, suppression: Suppression) -> bool:
        """False when it was on the list already."""
        ...

    async def remove(self, address_hash: str, scope: Scope | None) -> None:
        """Take one entry of the address off, or all without a scope. Raises NotSuppressed."""
        ...

    async def of_address(self, address_hash: str) -> list[Suppression]:
        """What the address is suppressed for; empty when nothing."""
        ...

    async def page(self, limit: int, after: tuple[str, str] | None) -> list[Suppression]:
        """Ordered by hash and scope; `after` is the last of the page before."""
        ...


class Work(Protocol):
    """One transaction of one shop: commits on exit, rolls back on error."""

    @property
    def shop(self) -> Shop: ...
    @property
    def programmes(self) -> Programmes: ...
    @property
    def advocates(self) -> Advocates: ...
    @property
    def shares(self) -> Shares: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def suppressions(self) -> Suppressions: ...

    def now(self) -> datetime:
        """The shop's clock, in UTC."""
        ...


BeginWork = Callable[[ShopId], AbstractAsyncContextManager[Work]]

LookUpRecipients = Callable[[ShopId, Sequence[CustomerId]], Awaitable[Mapping[CustomerId, Recipient]]]
"""Ask the shop's vault; customers who are unknown or erased are missing. Raises a refusal of kind `unavailable`."""


class ShareTexts(Protocol):
    """What advocates say, in nine languages."""

    def locale(self, *wanted: str | None) -> str:
        """The first wanted language that we speak, else English."""
        ...

    def headline(self, locale: str, shop: Shop, deal: Deal) -> str:
        """The deal in a few words, amounts as the shop's country writes them: "10 € Rabatt"."""
        ...

    def conditions(self, locale: str, shop: Shop, deal: Deal) -> str:
        """The deal's conditions in a sentence; empty when there are none."""
        ...

    def words(self, locale: str, channel: Channel, shop: Shop, deal: Deal, code: str) -> Words:
        """The words for a channel, with the disclosure sentence."""
        ...


class Mail(Struct, frozen=True, kw_only=True):
    """A rendered mail, ready to leave. `to` is personal data."""

    message_id: UUID
    template: str
    locale: str
    to: str
    sender_name: str
    subject: str
    text: str
    html: str
    unsubscribe_url: str
    sent_at: datetime


class MailWriter(Protocol):
    """Renders a message for its recipient, in the recipient's language and the shop's look."""

    def write(self, shop: Shop, message: Message, recipient: Recipient, *, hashed: str, now: datetime) -> Mail: ...


class Delivery(Struct, frozen=True, kw_only=True):
    """What became of one mail; `error` is a short cause without personal data."""

    message_id: UUID
    result: Literal["accepted", "try_again", "refused"]
    error: str = ""


class Post(Protocol):
    """Hands mails to the outside. Never raises for a mail: each gets its own answer, in the same order.

    Handing the same mail in twice must do no more harm than a second copy with the same Message-ID.
    """

    async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]: ...
