"""What an order says of people, without saying who they are."""

from uuid import UUID

from msgspec import Struct


class Signs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What else an order says of where its buyer came from, as keyed hashes that the vault made."""

    phone_id: UUID | None = None
    """Of the buyer's telephone number."""
    name_key: UUID | None = None
    """Of the name of whoever recommended the shop, as the buyer wrote it."""
