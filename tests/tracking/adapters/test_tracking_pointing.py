"""Which orders something points at: by whatever a hint says and whatever it calls the order, and by indexes alone."""

from typing import Any

import psycopg

from adapters.shared.ids import new_id
from adapters.tracking.postgres import hints, orders, retention
from adapters.tracking.postgres.orders import PostgresOrders
from kernel.ids import AdvocateId, ClaimId, ClickId, PersonId, ProgrammeId
from tests.features.tracking.shopfront import Shopfront
from tests.support.world import ShopWorld
from tracking.application.note_order_hints import NoteOrderHints
from tracking.domain.attribution import KnownClaim
from tracking.domain.attribution.people import SAME_ADDRESS
from tracking.domain.hint import OrderHint

STATEMENTS = {
    "pointing at": orders.POINTING_AT,
    "clicked for": orders.CLICKED_FOR,
    "timeline": orders.TIMELINE,
    "named": hints.NAMED,
    "near": hints.NEAR,
    "lost hints": retention.DELETE_LOST_HINTS.encode(),
    "people": retention.FORGET.encode(),
    "names": retention.FORGET_NAMES.encode(),
}
MANY_ORDERS = """
INSERT INTO tracking.orders (shop_id, order_id, platform, external_id, revision, facts, number, placed_at, base_minor,
    final_base_minor, first_order, test, person_id, customer_id)
SELECT %s, gen_random_uuid(), 'shopify', n, 1, '{}', '#' || n, now(), 0, 0, true, false, gen_random_uuid(),
    gen_random_uuid()
FROM generate_series(1, 2000) n
"""
MANY_HINTS = """
INSERT INTO tracking.order_hint (shop_id, order_ref, hint_key, source, claim_id, click_id, name_key, codes,
    address_hash, at)
SELECT %s, n, decode(md5(n::text), 'hex'), 'tag', gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
    ARRAY['CODE' || n], decode(md5(n::text), 'hex'), now()
FROM generate_series(1, 2000) n
"""
IDS = ("people", "claims", "persons", "customers", "clicks", "phones", "names", "programmes")


def test_a_hint_leads_to_its_order_by_all_that_it_says_and_by_all_that_it_calls_it(shop: ShopWorld) -> None:
    front = Shopfront(shop)
    front.connect()
    payload = front.order("Ben")
    front.report("orders/create", payload)
    front.report("orders/create", front.order("Cem"))
    front.settled()
    context = shop.world.installation.contexts["tracking"]
    note = NoteOrderHints(context.container.begin())
    number, external_id = payload["name"], str(payload["id"])

    async def pointed_at(**what: Any) -> list[str]:
        async with context.units(shop.shop_id) as unit:
            return [order.key.external_id for order in await PostgresOrders(unit).pointing_at(**what)]

    for place, ref in enumerate((number, number.removeprefix("#"), external_id)):
        click, name, code = ClickId(new_id()), new_id(), f"C0DE{place}000"
        claim = KnownClaim(
            claim_id=ClaimId(new_id()), programme_id=ProgrammeId(front.programme_id), advocate_id=AdvocateId(new_id()),
            person_id=PersonId(new_id()),
            code="N0TTHAT0", click_id=None, claimed_at=front.now(), expires_at=front.now(),
        )  # fmt: skip
        points: list[tuple[dict[str, Any], dict[str, Any]]] = [
            ({"click_id": click}, {"clicks": [click]}),
            ({"codes": (code, "0THERC0DE")}, {"codes": [code]}),
            ({"name_key": name}, {"names": [name]}),
            ({"claim_id": claim.claim_id}, {"claims": [claim]}),
        ]
        for said, asked in points:
            assert shop.world.call(lambda asked=asked: pointed_at(**asked)) == [], asked
            shop.world.call(note, shop.shop_id, [OrderHint(order_ref=ref, at=front.now(), **said)])
            assert shop.world.call(lambda asked=asked: pointed_at(**asked)) == [external_id], (ref, asked)


def test_what_a_hint_said_goes_with_it(shop: ShopWorld) -> None:
    note = NoteOrderHints(shop.world.installation.contexts["tracking"].container.begin())
    shop.world.call(note, shop.shop_id, [OrderHint(order_ref="1", codes=("ADA22026",), at=Shopfront(shop).now())])
    codes = "SELECT count(*) FROM tracking.hint_code WHERE shop_id = %s"
    assert shop.world.sql(codes, shop.shop_id) == [(1,)]
    shop.world.sql("DELETE FROM tracking.order_hint WHERE shop_id = %s", shop.shop_id)
    assert shop.world.sql(codes, shop.shop_id) == [(0,)]


def test_hints_and_orders_are_found_by_indexes(shop: ShopWorld) -> None:
    plans = _plans(shop)
    compared = [line for plan in plans.values() for line in plan.splitlines() if "Filter:" in line or "Cond:" in line]
    assert [line for line in compared if " OR " in line or "= ANY (ARRAY[" in line] == []
    for name in ("pointing at", "timeline", "named", "near"):
        conditions = [line.strip() for line in plans[name].splitlines() if "Index Cond:" in line]
        assert "Seq Scan" not in plans[name]
        assert [condition for condition in conditions if " AND " not in condition] == [], name


def _plans(shop: ShopWorld) -> dict[str, str]:
    """As the context's own role gets them with many rows, which nobody else sees."""
    given: dict[str, Any] = {"shop": shop.shop_id, "before": Shopfront(shop).now(), "texts": "none", "codes": ["CODE1"]}
    given |= {name: [new_id()] for name in IDS} | {"moments": [given["before"]], "within": SAME_ADDRESS}
    given |= {"refs": ["1"], "numbered": ["#1"], "hashes": [new_id().bytes]}
    with psycopg.connect(shop.world.conninfo) as connection:
        for many in (MANY_ORDERS, MANY_HINTS):
            connection.execute(many, (shop.shop_id,))
        connection.execute("ANALYZE tracking.orders, tracking.order_hint, tracking.hint_code, tracking.order_code")
        connection.execute("SET LOCAL enable_seqscan = off")  # so many are not yet too many to be read whole
        connection.execute("SET LOCAL search_path = tracking; SET LOCAL ROLE grapevine_tracking")
        connection.execute("SELECT set_config('app.shop_id', %s, true)", (str(shop.shop_id),))
        plans = {
            name: "\n".join(row[0] for row in connection.execute(b"EXPLAIN (COSTS OFF) " + statement, given))
            for name, statement in STATEMENTS.items()
        }
        connection.rollback()
    return plans
