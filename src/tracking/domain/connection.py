"""Connections: how a shop's platform reports orders, and the secrets that prove that it is the shop's platform."""

import re
from datetime import datetime
from typing import Final, Literal, NewType, Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import ShopId

ConnectionId = NewType("ConnectionId", UUID)
Kind = Literal["shopify", "woocommerce", "shopware", "bigcommerce", "stripe", "generic"]


class ConnectionNotFound(DomainError):
    code = "unknown_connection"
    kind = "not_found"
    title = "There is no such connection"


SECRET_GIVEN: Final = frozenset({"shopify", "bigcommerce", "stripe"})
"""Platforms that tell the merchant the secret; for the others we make one."""


class SecretNeeded(DomainError):
    code = "secret_needed"
    title = "This platform tells you the secret that its messages are signed with"


class AccessNeeded(DomainError):
    code = "access_needed"
    title = "BigCommerce sends an order's number only: its API must be asked for the order"


class SecretUnfit(DomainError):
    code = "secret_unfit"
    title = "This cannot be a secret"


class NoOldSecret(DomainError):
    code = "no_old_secret"
    kind = "conflict"
    title = "The connection has one secret only"


class ExchangeOpen(DomainError):
    code = "secrets_being_exchanged"
    kind = "conflict"
    title = "Two secrets are valid; drop the old one or withdraw the new one first"


class ConnectionChanged(DomainError):
    code = "connection_changed"
    kind = "stale"
    title = "Somebody else has changed the connection"


class ConnectionDisabled(DomainError):
    code = "connection_disabled"
    kind = "forbidden"
    title = "The shop has switched this connection off"


class Connection(Struct, frozen=True, kw_only=True):
    """A shop's platform.

    `secrets` holds one secret, or two while they are being exchanged, newest first; or none while we wait for
    the one that the platform will tell the merchant.
    """

    shop_id: ShopId
    connection_id: ConnectionId
    kind: Kind
    title: str
    secrets: tuple[str, ...]
    created_at: datetime
    account: str | None = None
    """Which shop of the platform, where its API must be asked: BigCommerce's store hash."""
    api_token: str | None = None
    """What the platform's API knows us by."""

    enabled: bool = True
    """False: what the platform sends is refused, so that it tries again later."""
    version: int = 1

    def rotated(self, secret: str) -> Self:
        """Take a new secret in use; the present one stays valid until it is dropped.

        The same secret again changes nothing. Never ends a secret: while two are valid a third is refused.
        """
        checked = fit_secret(secret)
        if checked in self.secrets[:1]:
            return self
        if len(self.secrets) > 1:
            raise ExchangeOpen
        return replace(self, secrets=(checked, *self.secrets))

    def without_new_secret(self) -> Self:
        """Withdraw the new secret, because nobody knows it or the platform did not take it."""
        if len(self.secrets) < 2:
            raise NoOldSecret
        return replace(self, secrets=self.secrets[1:])

    def without_old_secret(self) -> Self:
        if len(self.secrets) < 2:
            raise NoOldSecret
        return replace(self, secrets=self.secrets[:1])


def fit_secret(secret: str) -> str:
    """The secret as given, if it is one: 8 to 256 visible ASCII characters."""
    if not 8 <= len(secret) <= 256 or not secret.isascii() or any(not "!" <= letter <= "~" for letter in secret):
        raise SecretUnfit("A secret has 8 to 256 visible characters.", pointer="/secret")
    return secret


def first_secrets(kind: Kind, given: str | None, made: str) -> tuple[str, ...]:
    """Of a new connection: the one given, the one we make where we may, or none until the platform has told it."""
    if given is None and kind in SECRET_GIVEN:
        return ()
    return (next_secret(kind, given, made),)


def next_secret(kind: Kind, given: str | None, made: str) -> str:
    """The secret as the platform told it to the merchant, or the one we make when the platform lets us."""
    if given is not None:
        return fit_secret(given)
    if kind in SECRET_GIVEN:
        raise SecretNeeded(pointer="/secret")
    return made


def fit_access(kind: Kind, account: str | None, api_token: str | None) -> tuple[str | None, str | None]:
    """The account and the token of its API, for a platform that is asked for orders; (None, None) for the others."""
    if kind != "bigcommerce":
        return None, None
    if account is None or not re.fullmatch(r"[a-z0-9]{1,32}", account):
        raise AccessNeeded(
            "The store hash is needed: the letters and digits of the store's API path.", pointer="/account"
        )
    if api_token is None or not re.fullmatch(r"[!-~]{8,256}", api_token):
        raise AccessNeeded("The access token of an API account is needed.", pointer="/api_token")
    return account, api_token
