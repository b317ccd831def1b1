"""The database roles of a context, by name."""

from typing import Final

SUFFIXES: Final = {"tracking": ("", "relay", "recorder")}
DEFAULT_SUFFIXES: Final = ("", "relay")
"""No suffix: one shop's work; "relay": cross-shop sweeps and relays; "recorder": group commits, INSERT only."""


def role(context: str, suffix: str = "") -> str:
    """Database role of a context: "grapevine_referral", "grapevine_referral_relay", "grapevine_tracking_recorder"."""
    return f"grapevine_{context}{'_' + suffix if suffix else ''}"


def suffixes_of(context: str) -> tuple[str, ...]:
    return SUFFIXES.get(context, DEFAULT_SUFFIXES)


def roles_of(context: str) -> list[str]:
    """Names of the roles with which a context connects."""
    return [role(context, suffix) for suffix in suffixes_of(context)]
