"""What the pages need to know, without any language yet."""

import unicodedata
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from acquisition.domain.deal import State, Terms
from adapters.shared.postgres.known_shop import ShopFacts
from kernel.ids import AdvocateId, CustomerId, ShopId

LONGEST_NAME: Final = 40


class DealFacts(Struct, frozen=True, kw_only=True):
    """One advocate's deal at one shop, as read from the database for one address."""

    shop_id: ShopId
    shop: ShopFacts
    code: str
    advocate_id: AdvocateId | None = None
    customer_id: CustomerId | None = None
    """None when the advocate is unknown or was erased."""
    state: State = "draft"
    terms: Terms | None = None


def presentable(name: str) -> str:
    """A person's or shop's name as one short line: no control or direction characters, no runs of spaces."""
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in name[:400])
    line = " ".join(plain.split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"


def web_address(text: str) -> str:
    """The text if it is an http(s) address that may stand in a page, else empty."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc and text.isprintable() else ""
