"""Which contexts are installed here, and who hears which fact."""

import importlib
import importlib.util
from typing import Any, Final

from adapters.host.settings import CONTEXTS, Settings

HEARS: Final[dict[str, tuple[str, ...]]] = {
    "shops.shop_changed": ("referral", "tracking", "acquisition", "engagement"),
    "shops.customer_erased": ("acquisition", "tracking"),
    "shops.key_revoked": ("tracking",),
    "referral.programme_changed": ("shops", "tracking", "acquisition", "engagement"),
    "referral.programme_drafted": ("tracking",),
    "referral.advocate_enrolled": ("tracking", "acquisition", "engagement"),
    "referral.reward_changed": ("engagement", "tracking.reports"),
    "acquisition.deal_claimed": ("referral", "tracking"),
    "engagement.deal_shared": ("tracking",),
    "acquisition.invite_created": ("tracking",),
    "acquisition.invite_redeemed": ("tracking",),
    "tracking.order_changed": ("referral",),
    "tracking.attribution_steered": ("shops",),
    "tracking.retention_noted": ("shops",),
}
"""Subscribers by event: a context, or a part of one that hears by itself ("tracking.reports"). Written down, because a
producer must know them even when they live elsewhere; a test compares it with what each context subscribes to."""

PATIENT: Final = frozenset({"engagement", "tracking.reports"})
"""Who may hear a second later, in larger batches: nobody waits for a mail or a report as they wait for a reward."""


def ears(context: str) -> list[str]:
    """The names under which a context is told facts: its own, and those of its parts."""
    parts = {name for heard in HEARS.values() for name in heard if name.startswith(f"{context}.")}
    return [context, *sorted(parts)]


def told(context: str) -> set[str]:
    """All who are told facts of the context."""
    return {ear for event, heard in HEARS.items() if event.startswith(f"{context}.") for ear in heard}


def hosted(settings: Settings) -> list[str]:
    """The contexts that this process hosts: those named in the settings, else all that are installed."""
    named = settings.named_contexts() or [name for name in CONTEXTS if is_installed(name)]
    return [name for name in CONTEXTS if name in named]


def is_installed(name: str) -> bool:
    return importlib.util.find_spec(f"adapters.{name}") is not None and (
        importlib.util.find_spec(f"adapters.{name}.container") is not None
    )


def container_class(name: str) -> Any:
    """The context's `Container`; imported by name, because the host must start without those that are elsewhere."""
    return importlib.import_module(f"adapters.{name}.container").Container
