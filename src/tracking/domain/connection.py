"""Connections: how a shop's platform reports orders, and the secrets that prove that it is the shop's platform."""

from datetime import datetime
from typing import Literal, NewType, Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import ShopId

ConnectionId = NewType("ConnectionId", UUID)
Kind = Literal["shopify", "generic"]


class ConnectionNotFound(DomainError):
    code = "unknown_connection"
    kind = "not_found"
    title = "There is no such connection"


class SecretNeeded(DomainError):
    code = "secret_needed"
    title = "A Shopify connection needs the app's client secret"


class SecretUnfit(DomainError):
    code = "secret_unfit"
    title = "This cannot be a secret"


class NoOldSecret(DomainError):
    code = "no_old_secret"
    kind = "conflict"
    title = "The connection has one secret only"


class Connection(Struct, frozen=True, kw_only=True):
    """A shop's platform. `secrets` holds one secret, or two while they are being exchanged: newest first."""

    shop_id: ShopId
    connection_id: ConnectionId
    kind: Kind
    title: str
    secrets: tuple[str, ...]
    created_at: datetime

    def rotated(self, secret: str) -> Self:
        """Take a new secret in use; the present one stays valid until it is dropped, an older one ends now."""
        checked = fit_secret(secret)
        if checked == self.secrets[0]:
            return self
        return replace(self, secrets=(checked, self.secrets[0]))

    def without_old_secret(self) -> Self:
        if len(self.secrets) < 2:
            raise NoOldSecret
        return replace(self, secrets=self.secrets[:1])


def fit_secret(secret: str) -> str:
    """The secret as given, if it is one: 8 to 256 visible ASCII characters."""
    if not 8 <= len(secret) <= 256 or not secret.isascii() or any(not "!" <= letter <= "~" for letter in secret):
        raise SecretUnfit("A secret has 8 to 256 visible characters.", pointer="/secret")
    return secret


def first_secret(kind: Kind, given: str | None, made: str) -> str:
    """Shopify tells the merchant the secret; for our own order webhook we make one when none is given."""
    if given is not None:
        return fit_secret(given)
    if kind == "shopify":
        raise SecretNeeded(pointer="/secret")
    return made
