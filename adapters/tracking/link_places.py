"""Where a shop's links are found, and where they lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tracking.domain.link import Link, advocate_destination

TAKEN: Final = frozenset(
    {
        "api", "d", "demo", "docs", "docs-assets", "health", "internal", "l", "metrics", "outbox", "qr", "s",
        "statement", "tag", "u", "webhooks",
    }
)  # fmt: skip
"""First parts of this installation's own paths: there a link with such a path is found below /l/ only."""


@dataclass(frozen=True, slots=True)
class LinkPlaces:
    """Where a shop's links and landing pages live."""

    base_url: str
    slug: str
    hosts: Sequence[str]
    """The shop's own hosts on which links live."""

    def destination(self, link: Link) -> str:
        """The link's own destination, or the landing page of its advocate's deal."""
        if link.destination is not None:
            return link.destination
        return advocate_destination(self.base_url, self.slug, link.advocate_code or "")

    def urls(self, link: Link) -> list[str]:
        own = [f"https://{host}/{path}" for host in self.hosts for path in (_short(link.vanity), link.code) if path]
        paths = [f"{self.slug}/{link.vanity}", link.code] if link.vanity else [link.code]
        return [*own, *(f"{self.base_url}/l/{path}" for path in paths)]


def _short(vanity: str | None) -> str | None:
    return f"l/{vanity}" if vanity in TAKEN else vanity
