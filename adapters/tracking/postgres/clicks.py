"""Clicks: written by group commit as the INSERT-only recorder role, a group as one array of `click_row`s."""

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import msgspec

from adapters.shared.postgres.records import BOOL, BYTEA, INT8, JSON, TIMESTAMPTZ, UUID_, field, microseconds, row, text
from kernel.ids import LinkId, ShopId
from tracking.domain.click import UTM, Click, Utm, Visitor
from tracking.domain.device import Device

ROW: Final = "click_row"
"""The composite type of the rows that this version writes."""
_COLUMNS: Final = (
    "shop_id, link_id, visitor, referrer_host, language, device, agent_hash, query, "
    + ", ".join(UTM)
    + ", click_ids, click_id, recorded_at, clicked_at, address_hash, country, visit"
)
_COUNT: Final = _COLUMNS.count(",") + 1
STORE = f"INSERT INTO click ({_COLUMNS}) SELECT {_COLUMNS} FROM unnest($1::{ROW}[])"
STORE_ONCE = f"{STORE} ON CONFLICT DO NOTHING"
"""For clicks that may be there already: those that waited on disk."""

_MOST: Final = 8192
_SHORT: Final = 512
_MOMENT: Final = struct.Struct("!Ii16sIiqIiq")
_INT8: Final = struct.Struct("!Iiq")
_VISIT: Final = {True: field(BOOL, b"\1"), False: field(BOOL, b"\0"), None: field(BOOL, None)}
_country: Final[Callable[[str | None], bytes]] = lru_cache(1024)(text)


def as_rows(clicks: list[Click]) -> list[bytes]:
    """A group as `click_row`s."""
    return [as_row(click) for click in clicks]


def as_row(click: Click) -> bytes:
    """The click as a `click_row`. What many clicks share is encoded once."""
    recorded = microseconds(click.recorded_at)
    clicked = recorded if click.clicked_at is click.recorded_at else microseconds(click.clicked_at)
    campaign = _campaign if len(click.query) <= _SHORT else _encoded_campaign
    return row(
        _COUNT,
        _link(click.shop_id, click.link_id),
        _browser(click.visitor, click.referrer_host, click.language, click.device, click.agent_hash),
        campaign(click.query, click.utm, tuple(click.click_ids.items()) if click.click_ids else ()),
        _MOMENT.pack(UUID_, 16, click.click_id.bytes, TIMESTAMPTZ, 8, recorded, TIMESTAMPTZ, 8, clicked),
        field(BYTEA, click.address_hash),
        _country(click.country),
        _VISIT[click.visit],
    )


@lru_cache(_MOST)
def _link(shop_id: ShopId, link_id: LinkId) -> bytes:
    return field(UUID_, shop_id.bytes) + field(UUID_, link_id.bytes)


@lru_cache(_MOST)
def _browser(visitor: Visitor, referrer_host: str, language: str, device: Device, agent_hash: int) -> bytes:
    return text(visitor) + text(referrer_host) + text(language) + text(device) + _INT8.pack(INT8, 8, agent_hash)


def _encoded_campaign(query: bytes, utm: Utm, click_ids: tuple[tuple[str, str], ...]) -> bytes:
    marks = msgspec.json.encode(dict(click_ids)) if click_ids else None
    return field(BYTEA, query) + b"".join(map(text, utm)) + field(JSON, marks)


_campaign: Final = lru_cache(_MOST)(_encoded_campaign)
