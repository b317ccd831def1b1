"""What a context may know of the operator's settings."""

from pathlib import Path
from typing import Literal

from msgspec import Struct


class AppSettings(Struct, frozen=True, kw_only=True):
    """The part of the settings that contexts see; the host reads and checks them."""

    environment: Literal["production", "demo", "test"] = "production"
    base_url: str = "http://127.0.0.1:8000"
    """Public address of this installation, without a slash at the end."""
    smtp_url: str | None = None
    """smtp[s]://user:password@host:port, or None: mails are then written to `outbox_folder`."""
    mail_from: str = "no-reply@grapevine.invalid"
    outbox_folder: Path | None = None
    spool_folder: Path | None = None
    """Where clicks wait on disk while the database is away."""
    spool_mb: int = 256
    """How much of the disk they may take."""
    country_file: Path | None = None
    """A MaxMind file that knows the countries of addresses."""
    trusted_proxies: str = ""
    """Networks, by comma, whose X-Forwarded-For is believed."""
    mails_gather_s: float = 0.0
    """How long mails of one shop gather before they are sent: one job for many costs a fraction of a job each."""
    columns_folder: Path | None = None
    """Where reports keep rows in columns: a cache, made anew when it is not there."""
