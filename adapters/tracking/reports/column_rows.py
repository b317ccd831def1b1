"""What is read of a shop's rows to be kept in columns, as CSV, and the types that the columnar engine gives it."""

from typing import Final

from adapters.tracking.reports.rollups import CLICK_WAYS, DIMENSIONS
from adapters.tracking.reports.step_funnel import WAYS

PAGE: Final = 50_000
_DIMENSIONS: Final = ", ".join(f"dimensions[{place}] AS {name}" for place, name in enumerate(DIMENSIONS, start=1))
_MS: Final = "floor(extract(epoch FROM {}) * 1000)::bigint"
_BITS: Final = "('x' || right(replace({}::text, '-', ''), 15))::bit(60)::bigint"
# Sixty bits of the address's hash, told apart by browser.
_ACTOR: Final = "('x' || rpad(left(encode(c.address_hash, 'hex'), 15), 15, '0'))::bit(60)::bigint # c.agent_hash"
CLICKS: Final = f"""
SELECT c.click_id, {_ACTOR} AS actor, {_MS.format("c.clicked_at")} AS at_ms, c.visit AS begins,
    l.programme_id, {CLICK_WAYS}, c.visitor
FROM click c LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
WHERE c.shop_id = {{shop}} AND c.visit IS NOT NULL
"""
FACTS: Final = f"""
SELECT 'claim' AS kind, {_MS.format("claimed_at")} AS at_ms, {_BITS.format("person_id")} AS person, click_id,
    true AS credited, programme_id
FROM known_claim WHERE shop_id = {{shop}}
UNION ALL
SELECT 'order', {_MS.format("placed_at")}, {_BITS.format("person_id")},
    coalesce((decided->'winner'->>'click_id')::uuid, click_id), method IS NOT NULL,
    (decided->'winner'->>'programme_id')::uuid
FROM orders WHERE shop_id = {{shop}} AND revision > 0 AND NOT test AND cancelled_at IS NULL AND payment <> 'voided'
"""
# What roll-ups counted under some dimension: a figure by several of them is made of the same.
COUNTED: Final = f"""
SELECT kind, {_MS.format("at")} AS at_ms, programme_id, {_DIMENSIONS},
    cancelled, is_new, base_minor, final_base_minor, approved, reward_minor
FROM report_counted WHERE shop_id = {{shop}} AND counts AND credited
"""
# What the tag saw. A visitor is 60 bits of a hash of the random id; without one it is the address, for a day.
_HASH: Final = "('x' || left(md5({}), 15))::bit(60)::bigint"
SEEN: Final = f"""
SELECT floor(extract(epoch FROM e.received_at) * 1000000)::bigint AS received_us, e.event_id, e.name,
    CASE WHEN e.name = 'track' THEN translate(left(e.data->>'event', 100), E'\\r\\n', '  ') END AS called,
    {_MS.format("e.happened_at")} AS at_ms, e.click_id,
    {_HASH.format("e.visitor")} AS visitor, {_HASH.format("encode(e.address_hash, 'hex') || e.device")} AS address
FROM tag_event e
WHERE e.shop_id = {{shop}} AND e.by = 'person'
"""
VISITORS: Final = f"""
SELECT {_HASH.format("visitor")} AS visitor, {_BITS.format("person_id")} AS person
FROM tag_visitor WHERE shop_id = {{shop}}
"""
# An event is committed within moments of its arrival; a day is far more than that.
SEEN_PAGE: Final = (
    f"COPY ({SEEN} AND e.tx >= {{since}}::text::xid8 AND e.tx < {{below}}::text::xid8"
    " AND e.received_at >= {received}::timestamptz - interval '1 day'"
    " AND (e.received_at, e.event_id) > (timestamptz 'epoch' + {us} * interval '1 microsecond', {after}::uuid)"
    f" ORDER BY e.received_at, e.event_id LIMIT {PAGE}) TO STDOUT (FORMAT csv)"
)
CLICK_PAGE: Final = (
    f"COPY ({CLICKS} AND c.tx >= {{since}}::text::xid8 AND c.tx < {{below}}::text::xid8 AND c.click_id > {{after}}"
    f" ORDER BY c.click_id LIMIT {PAGE}) TO STDOUT (FORMAT csv)"
)
CLICK_TYPES: Final = [
    ("click_id", "UUID"), ("actor", "BIGINT"), ("at_ms", "BIGINT"), ("begins", "BOOLEAN"), ("programme_id", "UUID"),
    *((way, "VARCHAR") for way in WAYS), ("visitor", "VARCHAR"),
]  # fmt: skip
FACT_TYPES: Final = [
    ("kind", "VARCHAR"), ("at_ms", "BIGINT"), ("person", "BIGINT"), ("click_id", "UUID"), ("credited", "BOOLEAN"),
    ("programme_id", "UUID"),
]  # fmt: skip
SEEN_TYPES: Final = [
    ("received_us", "BIGINT"), ("event_id", "UUID"), ("name", "VARCHAR"), ("called", "VARCHAR"), ("at_ms", "BIGINT"),
    ("click_id", "UUID"), ("visitor", "BIGINT"), ("address", "BIGINT"),
]  # fmt: skip
VISITOR_TYPES: Final = [("visitor", "BIGINT"), ("person", "BIGINT")]
COUNTED_TYPES: Final = [
    ("kind", "VARCHAR"), ("at_ms", "BIGINT"), ("programme_id", "UUID"), *((name, "VARCHAR") for name in DIMENSIONS),
    ("cancelled", "BOOLEAN"), ("is_new", "BOOLEAN"), ("base_minor", "BIGINT"), ("final_base_minor", "BIGINT"),
    ("approved", "BOOLEAN"), ("reward_minor", "BIGINT"),
]  # fmt: skip
