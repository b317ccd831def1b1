"""Clicks, claims, orders and rewards of twenty shops, made inside the database, with the skew that real ones have."""

import json
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid5

import psycopg
from msgspec import Struct

from benchmarks.ground import Ground
from benchmarks.progress import said

SHOPS: Final = 20
DAYS: Final = 90
ADVOCATES: Final = 400
MEASURED_SHARE: Final = 0.05
"""The part of everything that the measured shop has; the others share the rest by Zipf's law."""
_SPACE: Final = UUID("6f1d5c1e-0000-4000-8000-000000000000")
ZONES: Final = ("Europe/Berlin", "Europe/Amsterdam", "Europe/Helsinki", "Europe/Zurich", "Europe/Stockholm")
FACTS: Final = json.dumps({"lines": "x" * 700})
"""As long as what is known of a real order of two lines."""
MEASURED: Final = uuid5(_SPACE, "shop 0")

SEED: Final = """
INSERT INTO tracking.known_shop (shop_id, revision, slug, clock_offset_s, facts) VALUES (%s, 1, %s, 0, %s)
"""
LINKS: Final = """
INSERT INTO tracking.link (shop_id, link_id, code, destination, advocate_id, programme_id, created_at)
SELECT %(shop)s, md5('l' || %(shop)s || n)::uuid, 'B' || upper(substr(md5(%(shop)s || n), 1, 14)), 'https://bench.example/',
    md5('a' || %(shop)s || n)::uuid, md5('p' || %(shop)s || n %% 2)::uuid, %(begins)s::timestamptz
FROM generate_series(1, %(advocates)s) n
ON CONFLICT DO NOTHING
"""
ADVOCATES_ROWS: Final = """
INSERT INTO tracking.report_advocate (shop_id, advocate_id, programme_id, enrolled_at)
SELECT shop_id, advocate_id, programme_id,
    created_at + (abs(hashtext(link_id::text)) %% (%(days)s * 1440)) * interval '1 minute'
FROM tracking.link WHERE shop_id = %(shop)s ON CONFLICT DO NOTHING
"""
# Ids are UUIDv7 of the moment. Visitors, sources and advocates follow power laws; evenings are busier than mornings.
CLICKS: Final = """
INSERT INTO tracking.click (
    shop_id, click_id, recorded_at, clicked_at, link_id, visitor, query, utm_source, utm_medium, utm_campaign,
    referrer_host, language, address_hash, device, country, agent_hash, visit, tx
)
SELECT %(shop)s, (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8'
        || substr(h, 4, 15))::uuid, at, at, md5('l' || %(shop)s || (1 + floor(%(advocates)s * r1 * r1)))::uuid,
    CASE WHEN r2 < 0.08 THEN 'bot' WHEN r2 < 0.12 THEN 'preview' ELSE 'person' END, '',
    (ARRAY['whatsapp', 'facebook', 'email', 'copy', 'qr', 'native', 'messenger', 'sms', 'x'])[1 + floor(9 * r3 * r3)],
    'referral', (ARRAY['spring', 'summer', 'friends', 'autumn', 'winter', 'black-friday'])[1 + floor(6 * r4 * r4)],
    '', 'de', decode(md5(floor(visitors * r5 * r4)::text || at::date), 'hex'),
    (ARRAY['phone', 'phone', 'desktop', 'tablet', 'other'])[1 + floor(5 * r2)],
    (ARRAY['DE', 'DE', 'NL', 'FR', 'AT', 'CH', 'SE', NULL])[1 + floor(8 * r5)], floor(4 * r3)::bigint, r1 < 0.8, '3'
FROM (
    SELECT n, %(begins)s::timestamptz + interval '1 day' * floor(%(days)s * random()) + interval '1 second' * floor(
            86400 * greatest(random(), random())) AS at, md5(n::text || %(shop)s || %(round)s) AS h,
        random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5,
        greatest(100, %(count)s / 6) AS visitors
    FROM generate_series(1, %(count)s) n OFFSET 0
) made
"""
CLAIMS: Final = """
INSERT INTO tracking.known_claim (
    shop_id, claim_id, programme_id, advocate_id, person_id, code, click_id, claimed_at, expires_at
)
SELECT c.shop_id, md5('c' || c.click_id)::uuid, l.programme_id, l.advocate_id,
    md5('person' || abs(hashtext(c.click_id::text)) %% %(people)s)::uuid, 'X', c.click_id,
    c.clicked_at + interval '3 minutes' * (1 + abs(hashtext(c.click_id::text)) %% 20), 'infinity'
FROM tracking.click c JOIN tracking.link l USING (shop_id, link_id)
WHERE c.shop_id = %(shop)s AND c.visitor = 'person' AND abs(hashtext('k' || c.click_id)) %% 1000 < %(claims)s
ON CONFLICT DO NOTHING
"""
_ORDER: Final = """
INSERT INTO tracking.orders (
    shop_id, order_id, platform, external_id, revision, facts, decided, number, placed_at, payment, cancelled_at, test,
    currency, total_minor, base_minor, final_base_minor, customer_id, person_id, first_order, click_id, method,
    advocate_id
)
"""
CREDITED: Final = (
    _ORDER
    + """
SELECT shop_id, md5('o' || claim_id)::uuid, 'own', 'C-' || claim_id, 1, (%(facts)s)::json,
    json_build_object('chain', 1, 'winner',
        json_build_object('method', 'coupon_code', 'programme_id', programme_id, 'advocate_id', advocate_id,
            'claim_id', claim_id, 'click_id', click_id)), '#1', claimed_at + interval '1 hour' * (h %% 100),
    'paid', CASE WHEN h %% 20 = 0 THEN claimed_at END, false, 'EUR', 0, 2000 + h %% 20000,
    CASE WHEN h %% 20 = 0 THEN 0 WHEN h %% 9 = 0 THEN 1000 + h %% 997 ELSE 2000 + h %% 20000 END,
    person_id, person_id, h %% 3 > 0, NULL, 'coupon_code', advocate_id
FROM (SELECT *, abs(hashtext(claim_id::text)) AS h FROM tracking.known_claim WHERE shop_id = %(shop)s) k
WHERE h %% 100 < 55
ON CONFLICT DO NOTHING
"""
)
OTHERS: Final = (
    _ORDER
    + """
SELECT %(shop)s, md5('x' || %(shop)s || n || %(round)s)::uuid, 'own', 'X-' || n || '-' || %(round)s, 1,
    (%(facts)s)::json, '{"chain": 1, "winner": null}', '#1',
    %(begins)s::timestamptz + interval '1 day' * %(days)s * random(), 'paid',
    CASE WHEN n %% 25 = 0 THEN now() END, false, 'EUR', 0, 1500 + n %% 15000,
    CASE WHEN n %% 25 = 0 THEN 0 ELSE 1500 + n %% 15000 END, md5('p' || n)::uuid,
    md5('person' || n %% %(people)s)::uuid, n %% 4 = 0, NULL, NULL, NULL
FROM generate_series(1, %(others)s) n
ON CONFLICT DO NOTHING
"""
)
SHARES: Final = """
INSERT INTO tracking.known_share (shop_id, share_id, advocate_id, through, shared_at)
SELECT %(shop)s, md5('s' || %(shop)s || n || %(round)s)::uuid,
    md5('a' || %(shop)s || (1 + floor(%(advocates)s * r * r)))::uuid,
    (ARRAY['whatsapp', 'facebook', 'email', 'copy', 'qr'])[1 + floor(5 * r)],
    %(begins)s::timestamptz + interval '1 day' * %(days)s * random()
FROM (SELECT n, random() AS r FROM generate_series(1, %(shares)s) n OFFSET 0) made
ON CONFLICT DO NOTHING
"""
REWARDS: Final = """
INSERT INTO tracking.known_reward (shop_id, reward_id, revision, order_id, side, state, amount_minor)
SELECT shop_id, md5('r' || order_id)::uuid, 2, order_id, 'advocate',
    CASE WHEN cancelled_at IS NOT NULL THEN 'reversed' WHEN h %% 5 = 0 THEN 'pending' ELSE 'approved' END,
    CASE WHEN cancelled_at IS NOT NULL THEN 0 ELSE final_base_minor / 10 END
FROM (SELECT *, abs(hashtext(order_id::text)) AS h FROM tracking.orders WHERE shop_id = %(shop)s) o
WHERE method IS NOT NULL ON CONFLICT DO NOTHING
"""


class Size(Struct, frozen=True, kw_only=True):
    clicks: int
    orders: int


def seed(ground: Ground, last: date) -> None:
    """The shops, their links and advocates, and a partition for every month."""
    with _owner(ground) as connection:
        connection.execute("SET session_replication_role = replica")
        _partitions(connection, last - timedelta(days=DAYS), last)
        for number in range(SHOPS):
            facts = {
                "revision": 1, "slug": f"bench-{number}", "title": "Bench", "country": "DE", "currency": "EUR",
                "locales": ["de"], "default_locale": "de", "time_zone": ZONES[number % len(ZONES)], "test_mode": False,
                "clock_offset_s": 0, "storefront_url": "https://bench.example", "brand": {},
            }  # fmt: skip
            shop = uuid5(_SPACE, f"shop {number}")
            connection.execute(SEED, (shop, f"bench-{number}", json.dumps(facts)))
            values = _values(shop, last, number)
            for statement in (LINKS, ADVOCATES_ROWS):
                connection.execute(statement.encode(), values)


def grow(ground: Ground, size: Size, last: date, number_of_round: int) -> None:
    """Add so many clicks and orders. Indexes of clicks are made afterwards: a hundred times as fast."""
    weights = _weights()
    with _owner(ground) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        for number, weight in enumerate(weights):
            claimed = (size.orders * 0.4 / 0.55) / (size.clicks * 0.88)
            values = _values(uuid5(_SPACE, f"shop {number}"), last, number_of_round) | {
                "count": int(size.clicks * weight), "claims": round(1000 * claimed),
                "people": max(10, int(size.orders * weight / 2)), "others": int(size.orders * weight * 0.6),
                "shares": int(size.clicks * weight / 25),
            }  # fmt: skip
            for statement in (CLICKS, CLAIMS, CREDITED, OTHERS, SHARES, REWARDS):
                connection.execute(statement.encode(), values)
            said(f"made shop {number + 1} of {SHOPS}: {values['count']:,} clicks")
        connection.execute("ANALYZE tracking.click, tracking.orders, tracking.known_claim, tracking.known_share")


def _owner(ground: Ground) -> psycopg.Connection:
    """Parameters are put in by the client: one shop is an id here and a text there."""
    return psycopg.connect(ground.postgres.conninfo, autocommit=True, cursor_factory=psycopg.ClientCursor)


def _values(shop: UUID, last: date, number: int) -> dict[str, object]:
    begins = last - timedelta(days=DAYS)
    return {
        "shop": str(shop),
        "begins": begins,
        "days": DAYS,
        "advocates": ADVOCATES,
        "round": str(number),
        "facts": FACTS,
    }


def _weights() -> list[float]:
    zipf = [1 / rank for rank in range(1, SHOPS)]
    return [MEASURED_SHARE, *(w / sum(zipf) * (1 - MEASURED_SHARE) for w in zipf)]


def _partitions(connection: psycopg.Connection, first: date, last: date) -> None:
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        name = f"click_{month:%Y%m}"
        if connection.execute("SELECT to_regclass(%s)", (f"tracking.{name}",)).fetchone() == (None,):
            bounds = f"FOR VALUES FROM ('{month}') TO ('{following}')"
            connection.execute(f"CREATE TABLE tracking.{name} PARTITION OF tracking.click {bounds}".encode())
        month = following
