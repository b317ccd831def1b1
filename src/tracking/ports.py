"""What tracking needs from outside. The docstrings are the contracts."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from kernel.ids import CustomerId, LinkId, OrderId, PersonId, ProgrammeId, ShopId
from tracking.domain.attribution import Known, KnownAdvocate, KnownClaim, Window
from tracking.domain.connection import Connection, ConnectionId
from tracking.domain.delivery import Outcome
from tracking.domain.first_orders import Placed
from tracking.domain.hint import OrderHint
from tracking.domain.link import Link
from tracking.domain.order import Order, OrderKey, Snapshot
from tracking.domain.report import Buyer, Identity, OpenedTokens, ReportedOrder
from tracking.domain.shop_domain import DomainId, Proof, ShopDomain
from tracking.domain.tag_settings import TagSettings
from tracking.domain.tag_work import IdentifyClaims, Tie
from tracking.domain.upload import Fault, Upload, UploadId
from tracking.events import OrderChanged

NewId = Callable[[], UUID]
NewCode = Callable[[], str]


class Customers(Protocol):
    """The vault of another context: knows people, gives opaque ids."""

    async def identify(self, shop_id: ShopId, buyers: Sequence[Buyer]) -> Sequence[Identity]:
        """Ids in the buyers' order; the same buyer always has the same ids. An unfit e-mail counts as none."""
        ...


class Tokens(Protocol):
    """Reads the signed texts that orders carry."""

    def opened(self, order: ReportedOrder) -> OpenedTokens:
        """What the order's tokens name, as of when it was placed. Never raises: bad ones are marked as bad."""
        ...


class Shop(Struct, frozen=True, kw_only=True):
    """What tracking must know of a shop."""

    slug: str
    currency: str
    storefront_url: str


class Orders(Protocol):
    """The shop's orders: their facts, and what was decided on them."""

    async def lock(self) -> None:
        """Hold the shop's orders until the work ends: whoever changes orders or what credits them takes turns."""
        ...

    async def of(self, keys: Iterable[OrderKey]) -> dict[OrderKey, Order]:
        """Those of the orders that are known, even if only by a refund."""
        ...

    async def by_ids(self, order_ids: Iterable[OrderId]) -> list[Order]:
        """Those of the orders that exist."""
        ...

    async def timeline(self, persons: Iterable[PersonId]) -> list[Placed]:
        """All known orders of the persons, those with a snapshot only."""
        ...

    async def pointing_at(self, codes: Iterable[str], claims: Iterable[KnownClaim]) -> list[Order]:
        """Orders that carry one of the codes or a claim, or are of a claim's person: what a late fact may credit."""
        ...

    async def clicked_for(self, programmes: Iterable[ProgrammeId]) -> list[Order]:
        """Orders that name a click on a link of one of the programmes."""
        ...

    async def save(self, orders: Sequence[Order], events: Sequence[OrderChanged]) -> None:
        """Store the states, new or not, and publish the facts, atomically."""
        ...


class Evidence(Protocol):
    """What is known of advocates, claims, clicks and programmes."""

    async def about(self, orders: Sequence[Snapshot]) -> Known:
        """Everything known that the orders point at."""
        ...

    async def learn_advocates(self, advocates: Sequence[KnownAdvocate]) -> None:
        """Note the advocates; one that is known stays as it is."""
        ...

    async def learn_claims(self, claims: Sequence[KnownClaim]) -> None:
        """Note the claims; one that is known stays as it is."""
        ...

    async def learn_windows(self, windows: Sequence[tuple[ProgrammeId, int, Window]]) -> set[ProgrammeId]:
        """Note (programme, revision, window); gives the programmes for which that says something new."""
        ...


class Hints(Protocol):
    """What browsers said about the shop's orders."""

    async def note(self, hints: Sequence[OrderHint]) -> list[OrderHint]:
        """Store the hints, with a limit to those of one order; gives those that were not known."""
        ...

    async def named(self, hints: Sequence[OrderHint]) -> list[OrderId]:
        """The known orders that the hints name, by the platform's id or by number."""
        ...


class Deliveries(Protocol):
    """The shop's stored webhook deliveries."""

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write down what became of stored deliveries; the text of those that are done is wiped."""
        ...


class Links(Protocol):
    """The shop's short links. Codes are unique in the whole installation, paths within the shop."""

    async def add(self, links: Sequence[Link]) -> None:
        """Store the links; one whose id exists already is left as it is. CodeTaken, VanityTaken when it is not free."""
        ...

    async def get(self, link_id: LinkId) -> Link:
        """Raises LinkNotFound."""
        ...

    async def for_update(self, link_id: LinkId) -> Link:
        """Lock the link until the work ends; raises LinkNotFound."""
        ...

    async def save(self, link: Link) -> None:
        """Store the changed link; every process forgets the old one once this is committed. VanityTaken."""
        ...


class Domains(Protocol):
    """The domains that the shop added."""

    async def verified(self) -> list[str]:
        """Hosts that are proven to be the shop's."""
        ...

    async def all(self) -> list[ShopDomain]:
        """Every domain, by host."""
        ...

    async def get(self, domain_id: DomainId) -> ShopDomain:
        """Raises DomainNotFound."""
        ...

    async def for_update(self, domain_id: DomainId) -> ShopDomain:
        """Lock the domain until the work ends; raises DomainNotFound."""
        ...

    async def add(self, domain: ShopDomain) -> None:
        """Store a new domain; DomainKnown when the shop has it."""
        ...

    async def save(self, domain: ShopDomain) -> None:
        """Store the domain, and whether links live on it; HostTaken when another shop's do."""
        ...

    async def remove(self, domain: ShopDomain) -> None:
        """Forget the domain: nothing leads to it and no link lives on it any more."""
        ...

    def look_soon(self, domain_id: DomainId) -> None:
        """Have somebody look for the domain's proofs once this work is committed."""
        ...


class Proofs(Protocol):
    """Looks for a domain's proofs where the world can see them."""

    async def of(self, domain: ShopDomain) -> Proof:
        """The first proof found among the DNS record, the file and the meta tag; never raises for what it meets."""
        ...


class Connections(Protocol):
    """The shop's connections with their secrets."""

    async def add(self, connection: Connection) -> None:
        """Store a new connection, and let its id lead to the shop."""
        ...

    async def for_update(self, connection_id: ConnectionId) -> Connection:
        """Lock the connection until the work ends; raises ConnectionNotFound."""
        ...

    async def save(self, connection: Connection) -> None:
        """Store the connection's secrets."""
        ...


class Uploads(Protocol):
    """The shop's files of orders from physical stores."""

    async def unfinished(self) -> int:
        """How many are still on their way; one that stopped arriving an hour ago counts no more."""
        ...

    async def add(self, upload: Upload) -> None:
        """Store a new upload, still without text."""
        ...

    async def keep_part(self, upload_id: UploadId, number: int, text: bytes) -> None:
        """Store a part of the text; one that is there already stays as it is."""
        ...

    async def for_update(self, upload_id: UploadId) -> Upload:
        """Lock the upload until the work ends; raises UploadNotFound."""
        ...

    async def like(self, fingerprint: bytes) -> Upload | None:
        """The upload with the fingerprint that is being read or done, if any. Closing uploads take turns on this."""
        ...

    async def save(self, upload: Upload, faults: Sequence[Fault]) -> None:
        """Store the state and add the faults; the text of one that has ended is dropped."""
        ...

    async def drop(self, upload_id: UploadId) -> None:
        """Forget the upload with all that it holds."""
        ...


class TagSettingsStore(Protocol):
    """What the shop decided about its tag; the defaults for a shop that never changed any.

    `for_update` holds the settings until the work ends.
    """

    async def get(self) -> TagSettings: ...
    async def for_update(self) -> TagSettings: ...
    async def save(self, settings: TagSettings) -> None: ...


class Visitors(Protocol):
    """Which visitors of the shop's pages are which customers: what was said later counts."""

    async def tie(self, ties: Sequence[Tie]) -> None: ...
    async def forget(self, visitors: Sequence[str]) -> None: ...
    async def forget_customers(self, customers: Sequence[CustomerId]) -> None: ...


class IdentifyTokens(Protocol):
    """Reads what a shop's server says of a visitor."""

    def read(self, token: str, secrets: Sequence[str]) -> IdentifyClaims | None:
        """What a token signed with one of the secrets claims, whether it has expired or not; None for any other."""
        ...


class Work(Protocol):
    """One transaction of one shop: commits on exit, rolls back on error."""

    @property
    def shop(self) -> Shop: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def evidence(self) -> Evidence: ...
    @property
    def hints(self) -> Hints: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def links(self) -> Links: ...
    @property
    def domains(self) -> Domains: ...
    @property
    def connections(self) -> Connections: ...
    @property
    def uploads(self) -> Uploads: ...
    @property
    def tag_settings(self) -> TagSettingsStore: ...
    @property
    def visitors(self) -> Visitors: ...

    def now(self) -> datetime:
        """The shop's present moment, test clock included."""
        ...


BeginWork = Callable[[ShopId], AbstractAsyncContextManager[Work]]
