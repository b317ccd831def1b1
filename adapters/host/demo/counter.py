"""Behind the counter: what Grapevine made of the shop's orders, asked for over the API."""

import asyncio
from typing import Any, Final

from msgspec import Struct

from adapters.host.demo.orders import PlacedOrder
from adapters.host.demo.shop import Nordlicht

MOST: Final = 12


class OnRecord(Struct, frozen=True, kw_only=True):
    """One order with what Grapevine knows of it: None while it does not know it yet."""

    order: PlacedOrder
    known: dict[str, Any] | None
    verdict: dict[str, Any] | None
    rewards: list[dict[str, Any]]
    """The advocate's first, each with its history."""


class Ledger(Struct, frozen=True, kw_only=True):
    now: str
    ahead_days: int
    balances: dict[str, int]
    """Cents by account; they sum to zero."""
    names: dict[str, str]
    """First names by advocate, as far as the shop's own books go."""
    orders: list[OnRecord]


async def read_ledger(shop: Nordlicht) -> Ledger:
    """The newest orders with attribution, verdict and rewards."""
    facts, orders, verdicts, rewards, accounts = await asyncio.gather(
        shop.get("/api/v1/shop"),
        shop.get("/api/v1/orders", limit=100),
        shop.get("/api/v1/verdicts", limit=100),
        shop.get("/api/v1/rewards", limit=100),
        shop.get("/api/v1/ledger/accounts"),
    )
    placed = shop.books.newest(MOST)
    known = {one["order_id"]: one for one in orders["items"]}
    shown = {known[str(order.order_id)]["id"] for order in placed if str(order.order_id) in known}
    wanted = [reward["id"] for reward in rewards["items"] if reward["order_id"] in shown]
    detailed = await asyncio.gather(*(shop.get(f"/api/v1/rewards/{reward_id}") for reward_id in wanted))
    return Ledger(
        now=facts["now"],
        ahead_days=round(facts["clock_offset_seconds"] / 86_400),
        balances={one["account"]: one["balance"]["amount_minor"] for one in accounts["items"]},
        names={order.advocate_id: order.first_name for order in shop.books.newest(200) if order.advocate_id},
        orders=[_on_record(order, known, verdicts["items"], detailed) for order in placed],
    )


def _on_record(
    order: PlacedOrder, known: dict[str, Any], verdicts: list[dict[str, Any]], rewards: list[dict[str, Any]]
) -> OnRecord:
    there = known.get(str(order.order_id))
    order_id = there["id"] if there else None
    return OnRecord(
        order=order,
        known=there,
        verdict=next((one for one in verdicts if one["order_id"] == order_id), None),
        rewards=sorted((one for one in rewards if one["order_id"] == order_id), key=lambda one: str(one["side"])),
    )
