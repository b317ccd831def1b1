"""Replays over several batches on the real database, while orders come in."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from adapters.tracking.postgres.code_uses import PostgresCodeUses
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import order_with
from tests.support.world import ShopWorld
from tracking.application import run_replay
from tracking.domain.attribution.coupon_site import Watched

COLUMNS = """SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_schema = 'tracking'
    AND table_name = 'orders' AND column_name NOT IN ('order_id', 'external_id') AND is_generated = 'NEVER'"""


def _comes_in(front: Shopfront) -> None:
    """One more order of the past, as a store's file has them."""
    ((columns,),) = front.shop.world.sql(COLUMNS)
    copy = f"INSERT INTO tracking.orders (order_id, external_id, {columns}) SELECT %s, 'late', {columns}"
    one = "FROM tracking.orders WHERE shop_id = %s ORDER BY order_id LIMIT 1"
    front.shop.world.sql(f"{copy} {one}", new_id(), front.shop.shop_id)


def test_each_code_is_counted_once_however_many_batches_use_it(
    shop: ShopWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To count a code is to read all its uses: once per batch, that made a long replay much longer."""
    front = Shopfront(shop)
    front.connect()
    front.programme(30)
    front.advocate("Ada", "ADA2-2026")
    front.advocate("Zoe", "Z0E5-2026")
    for number in range(7):
        order_with(front, f"stranger{number}", "Z0E5-2026" if number == 3 else "ADA2-2026")
    front.settled()
    front.shop.eventually(lambda: len(front.get("/orders")["items"]) == 7)
    counted: Counter[str] = Counter()
    count = PostgresCodeUses.tripped

    async def counting(uses: PostgresCodeUses, watched: Sequence[Watched]) -> dict[str, datetime]:
        if not counted:
            _comes_in(front)
        counted.update(each.code for each in watched)
        return await count(uses, watched)

    monkeypatch.setattr(run_replay, "AT_ONCE", 2)
    monkeypatch.setattr(PostgresCodeUses, "tripped", counting)
    plan = {
        "steps": [{"method": "manual"}, {"method": "coupon_code"}],
        "coupon_site": {"orders": 3, "hours": 1, "share_percent": 90},
    }
    body = {"programme_id": to_wire("prg", front.programme_id), "days": 3, "plan": plan}
    path = f"/attribution/replays/{front.api('POST', '/attribution/replays', json=body).json()['id']}"

    def done() -> Any:
        return (found := front.get(path))["state"] == "done" and found

    found = front.shop.eventually(done)
    assert counted == {"ADA22026": 1, "Z0E52026": 1}
    assert (found["orders_total"], found["orders_done"]) == (8, 8), "with the one that came in meanwhile"
    (lost,) = found["changes"]
    assert lost["change"] == "lost"
    assert lost["orders"] >= 5, "from the third order on, whichever batch they are in"
