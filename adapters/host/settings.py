"""The operator's settings: read from the environment (GRAPEVINE_…), checked at start, printed redacted."""

import os
import re
import secrets
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from adapters.host.kept import kept
from adapters.shared.http.client_address import networks_of
from adapters.shared.http.wording import in_words, shape_at
from adapters.shared.settings import AppSettings
from adapters.shared.tokens import Keys

PREFIX: Final = "GRAPEVINE_"
SHORTEST_SECRET: Final = 32
CONTEXTS: Final = ("shops", "referral", "tracking", "acquisition", "engagement")
_SECRET: Final = ("secret_key", "database_url", "smtp_url", "peer_token")


class SettingsInvalid(Exception):
    """Names the variable that is wrong, and says what is expected."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything an operator may set. Each field is the environment variable GRAPEVINE_<FIELD> in capitals."""

    environment: Literal["production", "demo", "test"] = "production"
    database_url: str | None = None
    """postgresql://owner:password@host:port/database of the database's owner; without it PostgreSQL is embedded."""
    secret_key: Annotated[str, Meta(min_length=SHORTEST_SECRET)] | None = None
    """At least 32 characters; every key and the database roles' passwords derive from it. Made and kept in the
    data folder when PostgreSQL is embedded."""
    data_folder: Path = Path(".grapevine")
    base_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8000
    contexts: str = ""
    """Comma-separated contexts that this process hosts; empty: all that are installed."""
    peers: str = ""
    """Where contexts live that are not hosted here: "shops=http://shops:8000,tracking=http://…"."""
    smtp_url: str | None = None
    mail_from: str = "no-reply@grapevine.invalid"
    outbox_folder: Path | None = None
    spool_folder: Path | None = None
    """Where clicks wait on disk while the database is away; without it `spool` in the data folder."""
    spool_mb: Annotated[int, Meta(ge=1, le=1_048_576)] = 256
    country_file: Path | None = None
    """A MaxMind file (GeoLite2 or GeoIP2, country or city), read again when it changes."""
    trusted_proxies: str = ""
    """Networks of proxies, by comma, whose X-Forwarded-For names the visitor: "10.0.0.0/8,fd00::/8"."""
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pool_size: Annotated[int, Meta(ge=1, le=100)] = 5
    metrics_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    """Port on which the worker answers /metrics, /health/live and /health/ready; 0: none."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if (
            parts.scheme not in {"http", "https"}
            or not parts.hostname
            or "@" in parts.netloc
            or parts.path
            or parts.query
        ):
            raise ValueError("base_url must be http(s)://host[:port] without a path")
        self._check_mail()
        unknown = set(self.named_contexts()) - set(CONTEXTS)
        if unknown:
            raise ValueError(f"contexts names {min(unknown)!r}, which is none of {', '.join(CONTEXTS)}")
        if self.database_url is not None and self.secret_key is None:
            raise ValueError("secret_key is required with a database_url (32 characters or more, random)")
        self.peer_addresses()
        self._check_proxies()
        self._check_database()

    def _check_mail(self) -> None:
        if self.smtp_url is not None and not _is_mail_server(self.smtp_url):
            raise ValueError("smtp_url must be smtp://user:password@host:587 or smtps://…")
        if "@" not in parseaddr(self.mail_from)[1]:
            raise ValueError("mail_from must be an e-mail address")

    def _check_database(self) -> None:
        try:
            conninfo_to_dict(self.database_url or "")
        except ProgrammingError:  # its words repeat the password
            raise ValueError("database_url must be like postgresql://owner:password@host/grapevine") from None

    def _check_proxies(self) -> None:
        try:
            networks_of(self.trusted_proxies)
        except ValueError as error:
            raise ValueError(f"trusted_proxies must look like 10.0.0.0/8,fd00::/8: {error}") from None

    def named_contexts(self) -> list[str]:
        return [name.strip() for name in self.contexts.split(",") if name.strip()]

    def peer_addresses(self) -> dict[str, str]:
        """Base address by context that lives elsewhere."""
        addresses = {}
        for entry in filter(None, (part.strip() for part in self.peers.split(","))):
            name, _, address = entry.partition("=")
            parts = urlsplit(address)
            if name not in CONTEXTS or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
                raise ValueError("peers must look like shops=http://host:port,tracking=http://host:port")
            addresses[name] = address.rstrip("/")
        return addresses

    def keys(self) -> Keys:
        if self.secret_key is None:
            raise SettingsInvalid("GRAPEVINE_SECRET_KEY is not set")
        return Keys(self.secret_key.encode())

    def for_contexts(self) -> AppSettings:
        return AppSettings(
            environment=self.environment,
            base_url=self.base_url,
            smtp_url=self.smtp_url,
            mail_from=self.mail_from,
            outbox_folder=self.outbox_folder or self.data_folder / "outbox",
            columns_folder=self.data_folder / "columns",
            spool_folder=self.spool_folder or self.data_folder / "spool",
            spool_mb=self.spool_mb,
            country_file=self.country_file,
            trusted_proxies=self.trusted_proxies,
            mails_gather_s=2.0 if self.environment == "production" else 0.0,
        )

    def redacted(self) -> dict[str, str]:
        """Every setting as text, secrets hidden."""
        shown = {}
        for name in self.__struct_fields__:
            value = getattr(self, name)
            hidden = name in _SECRET and value is not None
            shown[f"{PREFIX}{name.upper()}"] = "(set, hidden)" if hidden else "" if value is None else str(value)
        return shown


def _is_mail_server(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from GRAPEVINE_… variables; an unknown name or a wrong value raises SettingsInvalid."""
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and value != ""
    }
    try:
        settings = msgspec.convert(given, Settings, strict=False, dec_hook=_read_path)
    except (msgspec.ValidationError, ValueError) as error:
        raise SettingsInvalid(f"The settings are not valid: {_naming_variables(str(error))}.") from None
    return with_kept_secret(settings) if settings.database_url is None else settings


def _naming_variables(message: str) -> str:
    """What is wrong, in the names that the operator wrote instead of our fields'."""
    unknown = re.fullmatch(r"Object contains unknown field `(\w+)`", message)
    if unknown:
        return f"there is no variable {PREFIX}{unknown[1].upper()}"
    at = re.fullmatch(r"(.*) - at `\$\.(\w+)`", message)
    if at:
        return f"{PREFIX}{at[2].upper()}: {in_words(at[1], shape_at(Settings, at[2])).rstrip('.')}"
    name, _, rest = message.partition(" ")
    return f"{PREFIX}{name.upper()} {rest}" if name in Settings.__struct_fields__ else message


def _read_path(wanted: type, value: object) -> object:
    return wanted(value)


def with_kept_secret(settings: Settings) -> Settings:
    """For the embedded database: a secret made once and kept in the data folder, readable by its owner only."""
    if settings.secret_key is not None:
        return settings
    path = settings.data_folder / "secret_key"
    try:
        secret = kept(path, lambda: secrets.token_urlsafe(48))
    except OSError as error:
        raise SettingsInvalid(f"The data folder {settings.data_folder} cannot be used: {error.strerror}.") from None
    if len(secret) < SHORTEST_SECRET:
        raise SettingsInvalid(f"{path} does not hold the secret that was kept there.")
    return msgspec.structs.replace(settings, secret_key=secret)
