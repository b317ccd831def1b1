"""What the shops context needs from outside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from kernel.ids import CustomerId, PersonId, ShopId
from shops.domain.api_key import ApiKey, KeyId, Kind
from shops.domain.audit import Entry, Link, Note
from shops.domain.customer import Customer
from shops.domain.recognition import Plan
from shops.domain.shop import Shop
from shops.events import CustomerErased, KeyRevoked, ShopChanged


class Shops(Protocol):
    async def add(self, shop: Shop, event: ShopChanged) -> None:
        """Store a new shop and its fact; raise SlugTaken when another shop has the slug."""
        ...

    async def get(self) -> Shop:
        """The shop of this work; raise ShopNotFound."""
        ...

    async def for_update(self) -> Shop:
        """Lock the shop until the work ends; raise ShopNotFound."""
        ...

    async def save(self, shop: Shop, event: ShopChanged) -> None:
        """Store the state, its fact and this context's own copy of it atomically."""
        ...


class ApiKeys(Protocol):
    async def add(self, key: ApiKey, fingerprint: bytes) -> None:
        """Store the key and make it findable by its fingerprint."""
        ...

    async def for_update(self, key_id: KeyId) -> ApiKey:
        """Lock the key until the work ends; raise KeyNotFound."""
        ...

    async def revoke(self, key: ApiKey, event: KeyRevoked) -> None:
        """Store that the key is out of force, with the fact, and make it unfindable."""
        ...

    async def count_in_force(self) -> int:
        """How many of the shop's keys still open something."""
        ...

    async def page(self, *, after: KeyId | None, limit: int) -> Sequence[ApiKey]:
        """Up to `limit` keys in the order of their ids, revoked ones too."""
        ...


class Customers(Protocol):
    async def sharing(self, references: Sequence[str], persons: Sequence[PersonId]) -> Sequence[Customer]:
        """Every record, not erased, with one of the references or of one of the persons. One statement."""
        ...

    async def store(self, plan: Plan) -> None:
        """Store what the plan adds and changes, one statement each; raise VaultContended when somebody else was
        faster with one of the records: the work must then be rolled back and done again."""
        ...

    async def get(self, customer_id: CustomerId) -> Customer:
        """The record, erased or not; raise CustomerNotFound."""
        ...

    async def for_update(self, customer_id: CustomerId) -> Customer:
        """As `get`, locked until the work ends."""
        ...

    async def erase(self, customer: Customer, event: CustomerErased) -> None:
        """Store the erased record and its fact atomically."""
        ...

    async def of_ids(self, customer_ids: Sequence[CustomerId]) -> Sequence[Customer]:
        """The records of these ids that exist and are not erased, in any order. One statement."""
        ...


class Audit(Protocol):
    async def enter(self, *notes: Note) -> None:
        """Append entries to the shop's chain, in this order; waits for other work that is appending."""
        ...

    async def page(self, *, before: int | None, limit: int) -> Sequence[Entry]:
        """Up to `limit` entries below position `before`, newest first."""
        ...

    async def onwards(self, after: int, limit: int) -> Sequence[Entry]:
        """Up to `limit` entries above position `after`, oldest first."""
        ...

    async def end(self) -> Link:
        """Where the chain ends by its own book, whatever entries there are."""
        ...


class Work(Protocol):
    """One transaction of one shop: commits on exit, rolls back on error."""

    @property
    def shops(self) -> Shops: ...
    @property
    def keys(self) -> ApiKeys: ...
    @property
    def customers(self) -> Customers: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def country(self) -> str:
        """The shop's country, ISO 3166-1 alpha-2; it costs no query."""
        ...

    def now(self) -> datetime:
        """The shop's present moment in UTC, test clock included."""
        ...


BeginWork = Callable[[ShopId], AbstractAsyncContextManager[Work]]
FoundShop = Callable[[ShopId], AbstractAsyncContextManager[Work]]
"""As BeginWork, for a shop that does not exist yet."""


class Authenticated(Struct, frozen=True, kw_only=True):
    """Whom a key stands for."""

    shop_id: ShopId
    key_id: KeyId
    kind: Kind
    scopes: frozenset[str]


class KeyLookup(Protocol):
    async def find(self, fingerprint: bytes) -> Authenticated | None:
        """Whom a key in force stands for, across shops; None when there is no such key. May be up to 2 s old."""
        ...


ForgetKey = Callable[[KeyId], None]
"""Told after a key was revoked: whoever remembers keys in this process forgets this one at once."""


class ShopDirectory(Protocol):
    async def find(self, slug: str) -> ShopId | None:
        """The shop that has this slug, across shops."""
        ...
