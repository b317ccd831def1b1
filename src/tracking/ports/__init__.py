"""What tracking needs from outside. The docstrings are the contracts."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from kernel.ids import CustomerId, LinkId, ShopId
from tracking.domain.connection import Connection, ConnectionId
from tracking.domain.delivery import DeliveryRef, Outcome
from tracking.domain.link import Link
from tracking.domain.report import Buyer, Identity, OpenedTokens, ReportedOrder
from tracking.domain.shop_domain import DomainId, Proof, ShopDomain
from tracking.domain.stores import KnownStore
from tracking.domain.tag_settings import TagSettings
from tracking.domain.tag_work import IdentifyClaims, Tie
from tracking.domain.upload import Fault, Upload, UploadId
from tracking.events import AttributionSteered, RetentionNoted
from tracking.ports.orders import Evidence, Hints, Orders
from tracking.ports.retention import Retentions
from tracking.ports.steering import Chains, CodeUses, Credits, Replays

NewId = Callable[[], UUID]
NewCode = Callable[[], str]


class Customers(Protocol):
    """The vault of another context: knows people, gives opaque ids."""

    async def identify(self, shop_id: ShopId, buyers: Sequence[Buyer]) -> Sequence[Identity]:
        """Ids in the buyers' order; the same buyer always has the same ids. An unfit e-mail counts as none."""
        ...


class NameKeys(Protocol):
    """The vault again: what stands for the names of people."""

    async def of(self, shop_id: ShopId, names: Collection[str]) -> dict[str, UUID]:
        """The key of each name, the same for every spelling; a name that fits too many has none."""
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


class Deliveries(Protocol):
    """The shop's stored webhook deliveries."""

    async def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Write down what became of stored deliveries; the text of those that are done is wiped."""

    async def replay(self, connection_id: ConnectionId | None) -> int:
        """Put what was given up, of one connection or of all, back among what waits; gives how many."""

    async def replay_one(self, ref: DeliveryRef) -> bool:
        """Put one delivery back; False when it was not given up, or waits again. Raises DeliveryNotFound."""


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

    async def for_update(self, connection_id: ConnectionId) -> Connection:
        """Lock the connection until the work ends; raises ConnectionNotFound."""

    async def save(self, connection: Connection) -> None:
        """Store all that may change of the connection."""

    async def remove(self, connection_id: ConnectionId) -> None:
        """Forget the connection, its address, its secrets and its health."""


class OrderStores(Protocol):
    """Which store the shop's orders of a platform are of, by all its names."""

    async def of(self, platform: str) -> list[KnownStore]:
        """The names that are known; none before the first message."""
        ...

    async def add(self, platform: str, stores: Sequence[KnownStore]) -> None:
        """Store names; those that are known stay."""
        ...


class Uploads(Protocol):
    """The shop's files of orders from physical stores."""

    async def unfinished(self) -> int:
        """How many are still on their way; one that stopped arriving an hour ago counts no more."""

    async def add(self, upload: Upload) -> None:
        """Store a new upload, still without text."""

    async def keep_part(self, upload_id: UploadId, number: int, text: bytes) -> None:
        """Store a part of the text; one that is there already stays as it is."""

    async def for_update(self, upload_id: UploadId) -> Upload:
        """Lock the upload until the work ends; raises UploadNotFound."""

    async def like(self, fingerprint: bytes) -> Upload | None:
        """The upload with the fingerprint that is being read or done, if any. Closing uploads take turns on this."""

    async def save(self, upload: Upload, faults: Sequence[Fault]) -> None:
        """Store the state and add the faults; the text of one that has ended is dropped."""

    async def drop(self, upload_id: UploadId) -> None:
        """Forget the upload with all that it holds."""


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
    def codes(self) -> CodeUses: ...
    @property
    def credits(self) -> Credits: ...
    @property
    def chains(self) -> Chains: ...
    @property
    def replays(self) -> Replays: ...
    @property
    def retentions(self) -> Retentions: ...
    def publish(self, event: AttributionSteered | RetentionNoted) -> None:
        """Tell what a person of the shop decided, or what followed from it, with this work."""
        ...

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
    def order_stores(self) -> OrderStores: ...
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
