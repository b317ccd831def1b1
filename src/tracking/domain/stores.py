"""Which store a shop's orders of a platform are of, where the platform numbers orders within one store.

Two such stores both have an order 1001: taken for one order, one of them would be lost. So the first store that is
heard is the shop's, and what another one says is put aside.
"""

from collections.abc import Collection
from typing import Final

from msgspec import Struct

from kernel.errors import DomainError
from tracking.domain.connection import ConnectionId

BY_STORE: Final = {"woocommerce": "WooCommerce", "bigcommerce": "BigCommerce"}
"""The names of the platforms that number orders within one store; the others' ids are unique in the world."""
_EXACT: Final = frozenset({"bigcommerce"})
"""A store has one name for ever. WooCommerce names itself by its address, of which it may have one a language, and
which may change."""


class SecondStore(DomainError):
    code = "second_store"
    title = "The shop's orders of this platform are those of another store"


class StoreNotAsked(DomainError):
    code = "store_not_asked"
    title = "Orders of this platform have ids that no two stores share"


class KnownStore(Struct, frozen=True):
    """A name by which a connection told of the shop's store of a platform. "": whatever the connection says, because a
    person of the shop said that it is the same store."""

    connection_id: ConnectionId
    store: str


def vouched_for(kind: str, connection_id: ConnectionId, name: str) -> KnownStore:
    """What a person's word that a connection speaks for the known store makes known. Raises StoreNotAsked."""
    if kind not in BY_STORE:
        raise StoreNotAsked("Connect as many of its stores as you like.", pointer="/same_store")
    return KnownStore(connection_id, name)


def check_store(platform: str, said: KnownStore, known: Collection[KnownStore]) -> None:
    """Refuse what is said of another store than the one that is known (SecondStore). Known is no store, or one."""
    same = not known or any(each.store == said.store for each in known)
    for each in known:
        if each.connection_id == said.connection_id:
            same = same or not each.store or platform not in _EXACT
    if same:
        return
    names = sorted({each.store for each in known if each.store})
    raise SecondStore(
        f"This message is from {said.store}; the {BY_STORE[platform]} orders that this shop knows are from"
        f" {', '.join(names[:3]) or 'another store'}. Each store numbers its orders by itself, so a second one needs a"
        " shop of its own. Is it the same store at a new address, say so of the connection (same_store) and try again."
    )
