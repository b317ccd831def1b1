"""What the demo shop's owner asks of the API, until it is as wanted."""

import time
from typing import Any

import httpx2


def purchases(api: httpx2.Client) -> dict[str, bool]:
    items = api.get("/tag/events", params={"name": "purchase"}).json()["items"]
    return {one["data"]["order"]: one["click_id"] is not None for one in items}


def vouched(api: httpx2.Client) -> tuple[set[str], int]:
    """What became of it, and of how many visitors."""
    items = api.get("/tag/events", params={"name": "identify"}).json()["items"]
    return {one["outcome"] for one in items}, len({one["visitor"] for one in items})


def figures(api: httpx2.Client) -> dict[str, int]:
    total = api.get("/reports/funnel").json()["total"]
    return {name: total[name] for name in ("shares", "clicks", "claims", "orders")}


def rewards(api: httpx2.Client) -> dict[str, tuple[int, str]]:
    items = api.get("/rewards").json()["items"]
    return {one["side"]: (one["amount"]["amount_minor"], one["state"]) for one in items}


def eventually(look: Any, wanted: Any, within: float = 5.0) -> Any:
    deadline = time.monotonic() + within
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, f"still {seen} after {within} s"
        time.sleep(0.05)
    return seen
