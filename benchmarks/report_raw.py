"""The reports' tiles asked of raw rows, as somebody would without roll-ups: the baseline, and what must come out."""

from typing import Final

SHOWN: Final = (
    "shares", "clicks", "visits", "bots", "previews", "claims", "orders", "cancelled", "new_orders", "base_minor",
    "final_base_minor", "approved", "reward_minor",
)  # fmt: skip
_WAYS: Final = """
    CASE WHEN l.advocate_id IS NOT NULL AND c.utm_source IN ('native', 'email', 'sms', 'whatsapp', 'facebook',
        'messenger', 'x', 'copy', 'qr') THEN c.utm_source ELSE lower(coalesce(c.utm_medium, '')) END AS channel,
    coalesce(c.utm_campaign, '') AS campaign, coalesce(nullif(c.utm_source, ''), c.referrer_host) AS source,
    coalesce(c.country, '') AS country, c.device"""
_WINNER: Final = "(o.decided->'winner'->>'{}')::uuid"
_THINGS: Final = f"""
SELECT c.clicked_at AS at, l.programme_id, l.advocate_id, {_WAYS}, 0 AS shares,
    (c.visitor = 'person')::int AS clicks, (c.visitor = 'person' AND c.visit)::int AS visits,
    (c.visitor = 'bot')::int AS bots, (c.visitor = 'preview')::int AS previews, 0 AS claims, 0 AS orders,
    0 AS cancelled, 0 AS new_orders, 0 AS base_minor, 0 AS final_base_minor, 0 AS approved, 0 AS reward_minor
FROM click c LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
WHERE c.shop_id = %(shop)s AND c.clicked_at >= %(begins)s AND c.clicked_at < %(ends)s
UNION ALL
SELECT s.shared_at, a.programme_id, s.advocate_id, s.through, '', s.through, '', '', 1,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM known_share s LEFT JOIN report_advocate a ON a.shop_id = s.shop_id AND a.advocate_id = s.advocate_id
WHERE s.shop_id = %(shop)s AND s.shared_at >= %(begins)s AND s.shared_at < %(ends)s
UNION ALL
SELECT k.claimed_at, k.programme_id, k.advocate_id, {_WAYS}, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0
FROM known_claim k LEFT JOIN click c ON c.shop_id = k.shop_id AND c.click_id = k.click_id
LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
WHERE k.shop_id = %(shop)s AND k.claimed_at >= %(begins)s AND k.claimed_at < %(ends)s
UNION ALL
SELECT o.placed_at, {_WINNER.format("programme_id")}, o.advocate_id, {_WAYS}, 0, 0, 0, 0, 0, 0, 1,
    (o.cancelled_at IS NOT NULL)::int, (o.first_order AND o.cancelled_at IS NULL)::int, o.base_minor::int,
    o.final_base_minor::int, coalesce(r.approved, 0), coalesce(r.reward_minor, 0)
FROM orders o
LEFT JOIN click c ON c.shop_id = o.shop_id AND c.click_id = {_WINNER.format("click_id")}
LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
LEFT JOIN (
    SELECT order_id, max((amount_minor > 0)::int) AS approved, sum(amount_minor)::int AS reward_minor
    FROM known_reward WHERE shop_id = %(shop)s AND state IN ('approved', 'issued') GROUP BY order_id
) r ON r.order_id = o.order_id
WHERE o.shop_id = %(shop)s AND o.method IS NOT NULL AND o.placed_at >= %(begins)s AND o.placed_at < %(ends)s
"""
KEYS: Final = {
    "all": "''",
    "channel": "channel",
    "campaign": "campaign",
    "source": "source",
    "country": "country",
    "device": "device",
    "programme": "programme_id::text",
    "day": "(at AT TIME ZONE %(zone)s)::date",
    "hour": "date_trunc('hour', at, %(zone)s)",
    "advocate": "advocate_id",
}
_SUMS: Final = ", ".join(f"sum({name})::bigint" for name in SHOWN)


def tile(key: str, narrowed: str = "true") -> bytes:
    """Figures by the key, of a period: parameters shop, begins, ends and zone."""
    return f"SELECT {KEYS[key]} AS key, {_SUMS} FROM ({_THINGS}) things WHERE {narrowed} GROUP BY 1".encode()


CUSTOMERS: Final = b"""
SELECT CASE WHEN method IS NULL THEN 'others' WHEN advocate_id IS NULL THEN 'campaign' ELSE 'advocate' END,
    count(*), count(*) FILTER (WHERE cancelled_at IS NOT NULL),
    count(*) FILTER (WHERE first_order AND cancelled_at IS NULL), sum(base_minor)::bigint,
    sum(final_base_minor)::bigint
FROM orders WHERE shop_id = %(shop)s AND placed_at >= %(begins)s AND placed_at < %(ends)s GROUP BY 1
"""
COHORTS: Final = f"""
SELECT date_trunc('month', a.enrolled_at AT TIME ZONE %(zone)s)::date,
    date_trunc('month', at AT TIME ZONE %(zone)s)::date, {_SUMS}
FROM ({_THINGS}) things JOIN report_advocate a ON a.shop_id = %(shop)s AND a.advocate_id = things.advocate_id
GROUP BY 1, 2
""".encode()
_BITS: Final = "('x' || right(replace(person_id::text, '-', ''), 15))::bit(60)::bigint"
_MS: Final = "floor(extract(epoch FROM {}) * 1000)::bigint"
# Visit, claim and order within the time from the visit: of the ways to ask it, the one that PostgreSQL answers soonest.
STEPS: Final = f"""
WITH facts AS (
    SELECT 'claim' AS step, {_MS.format("claimed_at")} AS at_ms, {_BITS} AS person, click_id
    FROM known_claim WHERE shop_id = %(shop)s
    UNION ALL
    SELECT 'order', {_MS.format("placed_at")}, {_BITS}, coalesce((decided->'winner'->>'click_id')::uuid, click_id)
    FROM orders
    WHERE shop_id = %(shop)s AND revision > 0 AND NOT test AND cancelled_at IS NULL AND payment <> 'voided'
),
people AS (SELECT click_id, max(person) AS person FROM facts WHERE click_id IS NOT NULL GROUP BY click_id),
events AS (
    SELECT coalesce(p.person, ('x' || rpad(left(encode(c.address_hash, 'hex'), 15), 15, '0'))::bit(60)::bigint
        # c.agent_hash) AS actor, 'visit' AS step, {_MS.format("c.clicked_at")} AS at_ms
    FROM click c LEFT JOIN people p ON p.click_id = c.click_id
    WHERE c.shop_id = %(shop)s AND c.visitor = 'person' AND c.visit
    UNION ALL SELECT person, step, at_ms FROM facts
),
layer1 AS (
    SELECT actor, step, at_ms, CASE WHEN step = 'visit' AND at_ms < %(ends_ms)s THEN at_ms END AS start1
    FROM events WHERE at_ms >= %(begins_ms)s AND at_ms < %(ends_ms)s + %(within_ms)s
),
found2 AS (SELECT *, max(start1) OVER (PARTITION BY actor ORDER BY at_ms) AS latest1 FROM layer1),
layer2 AS (
    SELECT *, CASE WHEN step = 'claim' AND at_ms - latest1 <= %(within_ms)s THEN latest1 END AS start2 FROM found2
),
found3 AS (SELECT *, max(start2) OVER (PARTITION BY actor ORDER BY at_ms) AS latest2 FROM layer2),
layer3 AS (
    SELECT *, CASE WHEN step = 'order' AND at_ms - latest2 <= %(within_ms)s THEN latest2 END AS start3 FROM found3
)
SELECT count(DISTINCT CASE WHEN start1 IS NOT NULL THEN actor END),
    count(DISTINCT CASE WHEN start2 IS NOT NULL THEN actor END),
    count(DISTINCT CASE WHEN start3 IS NOT NULL THEN actor END) FROM layer3
""".encode()
