"""What a shop decided about its tag: on or off, on which hosts, with which defaults and identify secrets."""

import re
from datetime import datetime
from typing import Final, Self

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import ShopId
from tracking.domain.tag_event import Consent

MOST_HOSTS: Final = 20
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class BadHost(DomainError):
    code = "bad_host"
    title = "This is not a host name"


class TagChanged(DomainError):
    code = "tag_changed"
    kind = "stale"
    title = "Somebody else changed the tag in the meantime"


class NoOldIdentifySecret(DomainError):
    code = "no_old_identify_secret"
    kind = "conflict"
    title = "There is no older identify secret"


class TagSettings(Struct, frozen=True, kw_only=True):
    """`identify_secrets` holds none, one, or two while they are being exchanged: newest first."""

    shop_id: ShopId
    turned_on: bool = True
    cookie_days: int = 30
    hosts: tuple[str, ...] = ()
    """Further hosts of the shop's pages, besides the storefront's and all below it."""
    consent: Consent = Consent(ad_storage="denied", analytics_storage="denied")
    """What counts until the visitor was asked."""
    identify_secrets: tuple[str, ...] = ()
    changed_at: datetime | None = None
    changed_by: str = ""
    version: int = 1

    def changed(
        self,
        *,
        turned_on: bool | None,
        cookie_days: int | None,
        hosts: tuple[str, ...] | None,
        consent: Consent | None,
        by: str,
        at: datetime,
    ) -> Self:
        """With what is given replaced; None leaves as it is. BadHost names the one that is none."""
        return replace(
            self,
            turned_on=self.turned_on if turned_on is None else turned_on,
            cookie_days=self.cookie_days if cookie_days is None else cookie_days,
            hosts=self.hosts if hosts is None else _checked(hosts),
            consent=consent or self.consent,
            changed_by=by,
            changed_at=at,
            version=self.version + 1,
        )

    def rotated(self, secret: str, *, by: str, at: datetime) -> Self:
        """Sign with a new secret from now on; the present one stays valid, an older one ends."""
        return self._with((secret, *self.identify_secrets[:1]), by, at)

    def without_old_secret(self, *, by: str, at: datetime) -> Self:
        """Only the newest secret is valid."""
        if len(self.identify_secrets) < 2:
            raise NoOldIdentifySecret
        return self._with(self.identify_secrets[:1], by, at)

    def _with(self, secrets: tuple[str, ...], by: str, at: datetime) -> Self:
        return replace(self, identify_secrets=secrets, changed_by=by, changed_at=at, version=self.version + 1)


def _checked(hosts: tuple[str, ...]) -> tuple[str, ...]:
    lowered = tuple(dict.fromkeys(host.strip().lower() for host in hosts))
    for number, host in enumerate(lowered):
        if not _HOST.fullmatch(host):
            raise BadHost(pointer=f"/hosts/{number}")
    return lowered
