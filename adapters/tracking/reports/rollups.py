"""The statements that keep the roll-ups: what is new is added, what changed is taken out and added again.

Every statement is of all shops at once, run by the relay's role, and makes a `delta`: rows of hour, dimensions and
measures, some negative. `_folded` adds a delta to each roll-up. Sums of integers do not mind the order in which
they are added, so the same rows make the same figures, however they came.
"""

from typing import Final

NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""Stands for no programme, and in `report_progress` for all shops."""
DIMENSIONS: Final = ("channel", "campaign", "source", "country", "device", "method", "credit")
"""What figures are broken down by, in the order of `report_counted.dimensions`; "all" is everything."""
MEASURES: Final = (
    "enrolled", "shares", "clicks", "visits", "bots", "previews", "claims", "orders", "cancelled", "new_orders",
    "base_minor", "final_base_minor", "approved", "reward_minor", "other_orders", "other_cancelled",
    "other_new_orders", "other_base_minor", "other_final_base_minor", "click_to_order_s", "clicked_orders",
    "claim_to_order_s", "claimed_orders", "enrol_to_order_s", "enrolled_orders",
)  # fmt: skip

OF_CLICKS: Final = ("clicks", "visits", "bots", "previews")
OF_FACTS: Final = tuple(measure for measure in MEASURES if measure not in OF_CLICKS)

# Clicks that are alike are added up before their link and zone are looked up: everywhere an hour begins with a quarter.
_ALIKE = "shop_id, link_id, quarter, utm_source, utm_medium, utm_campaign, referrer_host, country, device"
_CLICK_DIMENSIONS = ("channel", "campaign", "source", "country", "device")


def _into(table: str, key: str, values: str, source: str, measures: tuple[str, ...]) -> str:
    numbers = ", ".join(str(i + 1) for i in range(len(key.split(","))))
    names, sums = ", ".join(measures), ", ".join(f"sum({m})::bigint" for m in measures)
    add = ", ".join(f"{m} = t.{m} + excluded.{m}" for m in measures)
    return (
        f"INSERT INTO {table} AS t ({key}, {names}) SELECT {values}, {sums} FROM {source} GROUP BY {numbers}"
        f" HAVING {' OR '.join(f'sum({m}) <> 0' for m in measures)} ON CONFLICT ({key}) DO UPDATE SET {add}"
    )


def _hour_and_day(at: str) -> str:
    return f"date_trunc('hour', {at}, s.time_zone) AS hour, ({at} AT TIME ZONE s.time_zone)::date AS day"


def _folded(ctes: str, measures: tuple[str, ...], dimensions: tuple[str, ...], told: str = "true") -> str:
    """Adds the delta to every roll-up; the statement answers with `told`."""
    hours = _into("report_hour", "shop_id, hour, programme_id", "shop_id, hour, programme_id", "delta", measures)
    # Advocates are many, days and dimensions few: added up first, there is less to sort by each dimension.
    names, sums = ", ".join(dimensions), ", ".join(f"sum({m})::bigint AS {m}" for m in measures)
    way = f"shop_id, day, programme_id, {names}"
    wide = f"SELECT {way}, {sums} FROM delta GROUP BY {way}"
    ways = ", ".join(f"('{name}', {name})" for name in dimensions)
    days = _into(
        "report_day",
        "shop_id, dimension, day, programme_id, value",
        "shop_id, way.dimension, day, programme_id, way.value",
        f"wide CROSS JOIN LATERAL (VALUES ('all', ''), {ways}) AS way (dimension, value) WHERE way.value IS NOT NULL",
        measures,
    )
    advocates = _into(
        "report_advocate_month",
        "shop_id, month, advocate_id, programme_id",
        "shop_id, date_trunc('month', day::timestamp)::date, advocate_id, programme_id",
        "delta WHERE advocate_id IS NOT NULL",
        measures,
    )
    cohorts = _into(
        "report_cohort",
        "shop_id, cohort, month, programme_id",
        "shop_id, date_trunc('month', enrolled_at AT TIME ZONE zone)::date,"
        " date_trunc('month', day::timestamp)::date, programme_id",
        "delta WHERE enrolled_at IS NOT NULL",
        measures,
    )
    return (
        f"WITH {ctes}, wide AS MATERIALIZED ({wide}), hours AS ({hours}), days AS ({days}),"
        f" advocates AS ({advocates}), cohorts AS ({cohorts})"
        f" SELECT {told}"
    )


_CHANNELS = "('native', 'email', 'sms', 'whatsapp', 'facebook', 'messenger', 'x', 'copy', 'qr')"
# An advocate's link carries the share channel as its source; any other link's channel is its medium.
CLICK_WAYS = f"""
    CASE WHEN l.advocate_id IS NOT NULL AND lower(c.utm_source) IN {_CHANNELS} THEN lower(c.utm_source)
        ELSE lower(left(coalesce(c.utm_medium, ''), 100)) END AS channel,
    left(coalesce(c.utm_campaign, ''), 100) AS campaign,
    left(coalesce(nullif(c.utm_source, ''), c.referrer_host), 100) AS source,
    coalesce(c.country, '') AS country,
    c.device"""


def _click_measure(name: str) -> str:
    counted = {
        "clicks": "visitor = 'person'",
        "visits": "visitor = 'person' AND visit",
        "bots": "visitor = 'bot'",
        "previews": "visitor = 'preview'",
    }
    # Narrow integers add up several times as fast as wide ones, which PostgreSQL sums as decimals.
    return f"(count(*) FILTER (WHERE {counted[name]}))::int AS {name}"


def _clicks(condition: str) -> str:
    """Counts clicks whose visit is settled and that meet the condition, and notes what waited for them."""
    # The advocate is looked up by the link's shop, not the click's: when the parts of a key come from two tables,
    # PostgreSQL 18 may look for the second part alone, through every shop.
    measures = ", ".join(map(_click_measure, OF_CLICKS))
    delta = f"""
fresh AS MATERIALIZED (
    SELECT c.shop_id, c.click_id, c.link_id, c.visitor, c.visit, c.utm_source, c.utm_medium, c.utm_campaign,
        c.referrer_host, c.country, c.device, date_bin('15 minutes', c.clicked_at, 'epoch') AS quarter
    FROM click c WHERE c.visit IS NOT NULL AND {condition}
),
awaited AS (
    INSERT INTO report_change (shop_id, kind, id)
    SELECT k.shop_id, k.kind, k.id FROM fresh f JOIN report_counted k ON k.shop_id = f.shop_id
        AND k.click_id = f.click_id
    WHERE k.click_id IS NOT NULL AND k.clicked_at IS NULL
),
alike AS (SELECT {_ALIKE}, {measures} FROM fresh GROUP BY {_ALIKE}),
delta AS MATERIALIZED (
    SELECT c.shop_id, {_hour_and_day("c.quarter")}, s.time_zone AS zone,
        coalesce(l.programme_id, '{NOBODY}') AS programme_id, l.advocate_id, a.enrolled_at, {CLICK_WAYS},
        {", ".join(OF_CLICKS)}
    FROM alike c
    JOIN report_shop s ON s.shop_id = c.shop_id
    LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
    LEFT JOIN report_counted a ON a.shop_id = l.shop_id AND a.kind = 'advocate' AND a.id = l.advocate_id
)"""
    return _folded(delta, OF_CLICKS, _CLICK_DIMENSIONS)


COUNT_CLICKS: Final = _clicks("c.tx >= %(since)s::xid8 AND c.tx < %(below)s::xid8")
COUNT_CLICKS_AGAIN: Final = _clicks("c.shop_id = %(shop)s AND c.tx < %(below)s::xid8 AND c.clicked_at >= %(moment)s")

_WINNER = "(o.decided->'winner'->>'{}')::uuid"
# What is no longer kept of how an order or a claim came about stays as it was counted: where it is filed, and when the
# click and the claim were. `held` says that it is so: its click is gone, or who bought is forgotten, claim and all.
_FRESH = f"""
fresh AS MATERIALIZED (
    SELECT w.shop_id, w.kind, w.id, e.at, e.counts, e.credited, e.cancelled, e.is_new,
        coalesce(e.programme_id, a.programme_id, '{NOBODY}') AS programme_id, e.advocate_id, a.enrolled_at,
        e.click_id, CASE WHEN known.held THEN was.clicked_at ELSE way.clicked_at END AS clicked_at,
        coalesce(e.claimed_at, CASE WHEN was.forgotten THEN was.claimed_at END) AS claimed_at,
        CASE WHEN NOT e.credited THEN ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, NULL]::text[]
            WHEN known.held THEN ARRAY[was.dimensions[1], left(coalesce(e.campaign, was.dimensions[2]), 100),
                was.dimensions[3], was.dimensions[4], was.dimensions[5], e.method, e.credit]
            ELSE ARRAY[coalesce(e.shared_by, way.channel, ''), left(coalesce(e.campaign, way.campaign, ''), 100),
                coalesce(e.shared_by, way.source, ''), coalesce(way.country, ''), coalesce(way.device, ''),
                e.method, e.credit] END AS dimensions,
        e.base_minor, e.final_base_minor, e.approved, e.reward_minor
    FROM wanted w
    CROSS JOIN LATERAL (
        SELECT o.placed_at AS at, NOT o.test AS counts, o.method IS NOT NULL AS credited,
            (o.cancelled_at IS NOT NULL OR o.payment = 'voided') AS cancelled, o.first_order AS is_new,
            {_WINNER.format("programme_id")} AS programme_id, o.advocate_id,
            CASE WHEN o.method IS NOT NULL THEN coalesce({_WINNER.format("click_id")}, k.click_id, o.click_id) END
                AS click_id,
            k.claimed_at, NULL::text AS shared_by, o.method,
            CASE WHEN o.method IS NULL THEN NULL WHEN o.advocate_id IS NULL THEN 'campaign' ELSE 'advocate' END
                AS credit,
            CASE WHEN o.advocate_id IS NULL THEN o.decided->'winner'->>'campaign' END AS campaign,
            o.base_minor, o.final_base_minor, coalesce(r.approved, false) AS approved,
            coalesce(r.reward_minor, 0) AS reward_minor, coalesce(o.person_id = o.order_id, false) AS forgotten
        FROM orders o
        LEFT JOIN known_claim k ON k.shop_id = o.shop_id AND k.claim_id = {_WINNER.format("claim_id")}
        LEFT JOIN LATERAL (
            SELECT bool_or(r.amount_minor > 0) AS approved, sum(r.amount_minor)::bigint AS reward_minor
            FROM known_reward r
            WHERE r.shop_id = o.shop_id AND r.order_id = o.order_id
                AND r.state NOT IN ('pending', 'reversed', 'rejected')
        ) r ON true
        WHERE w.kind = 'order' AND o.shop_id = w.shop_id AND o.order_id = w.id AND o.revision > 0
        UNION ALL
        SELECT k.claimed_at, true, true, false, false, k.programme_id, k.advocate_id, k.click_id, NULL, NULL, NULL,
            NULL, NULL, 0, 0, false, 0, false
        FROM known_claim k WHERE w.kind = 'claim' AND k.shop_id = w.shop_id AND k.claim_id = w.id
        UNION ALL
        SELECT k.shared_at, true, true, false, false, NULL, k.advocate_id, NULL, NULL, k.through, NULL,
            NULL, NULL, 0, 0, false, 0, false
        FROM known_share k WHERE w.kind = 'share' AND k.shop_id = w.shop_id AND k.share_id = w.id
        UNION ALL
        SELECT k.enrolled_at, true, false, false, false, k.programme_id, k.advocate_id, NULL, NULL, NULL, NULL,
            NULL, NULL, 0, 0, false, 0, false
        FROM report_advocate k WHERE w.kind = 'advocate' AND k.shop_id = w.shop_id AND k.advocate_id = w.id
    ) e
    LEFT JOIN report_advocate a ON a.shop_id = w.shop_id AND a.advocate_id = e.advocate_id
    LEFT JOIN LATERAL (
        SELECT c.clicked_at, {CLICK_WAYS} FROM click c
        LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
        WHERE c.shop_id = w.shop_id AND c.click_id = e.click_id LIMIT 1
    ) way ON true
    LEFT JOIN LATERAL (
        SELECT k.clicked_at, k.claimed_at, k.dimensions, k.click_id = e.click_id AS same_click,
            e.forgotten AND (k.advocate_id, k.dimensions[6]) IS NOT DISTINCT FROM (e.advocate_id, e.method) AS forgotten
        FROM report_counted k
        WHERE k.shop_id = w.shop_id AND k.kind = w.kind AND k.id = w.id AND k.credited AND e.credited
    ) was ON true
    CROSS JOIN LATERAL (
        SELECT was.clicked_at IS NOT NULL AND (was.forgotten OR was.same_click AND way.clicked_at IS NULL) AS held
    ) known
)"""

_STORED = (
    "at", "counts", "credited", "cancelled", "is_new", "programme_id", "advocate_id", "enrolled_at", "click_id",
    "clicked_at", "claimed_at", "dimensions", "base_minor", "final_base_minor", "approved", "reward_minor",
)  # fmt: skip
_COLUMNS = ", ".join(_STORED)
_SECONDS = "greatest(0, extract(epoch FROM at - {}))::bigint"


def _entity_measure(name: str) -> str:
    credited, other = "kind = 'order' AND credited", "kind = 'order' AND NOT credited"
    kept = f"{credited} AND NOT cancelled"
    said = {
        "enrolled": ("kind = 'advocate'", "1"),
        "shares": ("kind = 'share'", "1"),
        "claims": ("kind = 'claim'", "1"),
        "orders": (credited, "1"),
        "cancelled": (f"{credited} AND cancelled", "1"),
        "new_orders": (f"{kept} AND is_new", "1"),
        "base_minor": (credited, "base_minor"),
        "final_base_minor": (credited, "final_base_minor"),
        "approved": (f"{credited} AND approved", "1"),
        "reward_minor": (credited, "reward_minor"),
        "other_orders": (other, "1"),
        "other_cancelled": (f"{other} AND cancelled", "1"),
        "other_new_orders": (f"{other} AND NOT cancelled AND is_new", "1"),
        "other_base_minor": (other, "base_minor"),
        "other_final_base_minor": (other, "final_base_minor"),
        "click_to_order_s": (f"{kept} AND clicked_at IS NOT NULL", _SECONDS.format("clicked_at")),
        "clicked_orders": (f"{kept} AND clicked_at IS NOT NULL", "1"),
        "claim_to_order_s": (f"{kept} AND claimed_at IS NOT NULL", _SECONDS.format("claimed_at")),
        "claimed_orders": (f"{kept} AND claimed_at IS NOT NULL", "1"),
        "enrol_to_order_s": (f"{kept} AND is_new AND enrolled_at IS NOT NULL", _SECONDS.format("enrolled_at")),
        "enrolled_orders": (f"{kept} AND is_new AND enrolled_at IS NOT NULL", "1"),
    }
    condition, amount = said[name]
    return f"CASE WHEN {condition} THEN sign * {amount} ELSE 0 END AS {name}"


_WAY_COLUMNS = ", ".join(f"g.dimensions[{number + 1}] AS {name}" for number, name in enumerate(DIMENSIONS))
_DELTA = f"""
delta AS MATERIALIZED (
    SELECT g.shop_id, {_hour_and_day("at")}, s.time_zone AS zone, programme_id, advocate_id,
        enrolled_at, {_WAY_COLUMNS}, {", ".join(map(_entity_measure, OF_FACTS))}
    FROM signed g JOIN report_shop s ON s.shop_id = g.shop_id WHERE counts
)"""

# A change whose row is gone (orders are not kept for ever) changes nothing: it stays counted as it was.
COUNT_CHANGES: Final = _folded(
    f"""
taken AS (
    DELETE FROM report_change WHERE ctid = ANY (ARRAY(SELECT ctid FROM report_change LIMIT %(most)s))
    RETURNING shop_id, kind, id
),
named AS (SELECT DISTINCT shop_id, kind, id FROM taken),
wanted AS MATERIALIZED (
    SELECT shop_id, kind, id FROM named
    UNION
    SELECT k.shop_id, k.kind, k.id FROM named n JOIN report_counted k ON k.shop_id = n.shop_id AND k.advocate_id = n.id
    WHERE n.kind = 'advocate' AND k.advocate_id IS NOT NULL AND k.enrolled_at IS NULL
),
{_FRESH},
changed AS MATERIALIZED (
    SELECT f.*, k.at IS NULL AS first FROM fresh f
    LEFT JOIN LATERAL (
        SELECT {_COLUMNS} FROM report_counted k WHERE k.shop_id = f.shop_id AND k.kind = f.kind AND k.id = f.id
    ) k ON true
    WHERE k.at IS NULL OR ({", ".join(f"f.{name}" for name in _STORED)})
        IS DISTINCT FROM ({", ".join(f"k.{name}" for name in _STORED)})
),
stored AS (
    INSERT INTO report_counted (shop_id, kind, id, {_COLUMNS}) SELECT shop_id, kind, id, {_COLUMNS} FROM changed
    ON CONFLICT (shop_id, kind, id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _STORED)}
),
signed AS (
    SELECT 1 AS sign, shop_id, kind, id, {_COLUMNS} FROM changed
    UNION ALL
    SELECT -1, k.shop_id, k.kind, k.id, {", ".join(f"k.{name}" for name in _STORED)}
    FROM changed f CROSS JOIN LATERAL (
        SELECT * FROM report_counted k WHERE k.shop_id = f.shop_id AND k.kind = f.kind AND k.id = f.id
    ) k
),
{_DELTA}""",
    OF_FACTS,
    DIMENSIONS,
    "(SELECT count(*) FROM taken),"
    " ARRAY(SELECT shop_id FROM changed WHERE kind = 'advocate' AND first ORDER BY shop_id, id),"
    " ARRAY(SELECT id FROM changed WHERE kind = 'advocate' AND first ORDER BY shop_id, id)",
)
"""Answers with how many changes were taken, and which advocates it counted for the first time: shops, ids."""

COUNT_AGAIN: Final = _folded(
    f"""
signed AS (SELECT 1 AS sign, shop_id, kind, id, {_COLUMNS} FROM report_counted WHERE shop_id = %(shop)s),
{_DELTA}""",
    OF_FACTS,
    DIMENSIONS,
)
