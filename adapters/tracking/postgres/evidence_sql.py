"""The statements behind what is known. `%b` sends arrays in binary: text with quotes would be escaped by letter."""

RULES = b"""
SELECT 1, programme_id, since, days, NULL, NULL FROM known_window WHERE shop_id = %(shop)b
UNION ALL
SELECT 2, programme_id, since, version, plan::text, NULL FROM chain
WHERE shop_id = %(shop)b AND withdrawn_at IS NULL
UNION ALL
SELECT 3, NULL, since, version, conflict, touch FROM attribution_policy
WHERE shop_id = %(shop)b AND withdrawn_at IS NULL
UNION ALL
SELECT 4, NULL, since, version, rule::text, NULL FROM coupon_site_rule
WHERE shop_id = %(shop)b AND withdrawn_at IS NULL
"""

HINTS = b"""
SELECT order_ref, source, hint_key, click_id, claim_id, codes, visitor, campaign, address_hash, at, noted_at,
    name_key
FROM order_hint WHERE shop_id = %s AND order_ref = ANY(%b::text[]) ORDER BY at, hint_key
"""

CREDITS = b"""
SELECT order_id, programme_id, advocate_id, reason, credited_at FROM order_credit
WHERE shop_id = %s AND order_id = ANY(%b::uuid[]) AND withdrawn_at IS NULL
"""

# Claims and, with `claim_id` NULL, advocates: one statement for both. An OR over a subquery would read the whole table.
PEOPLE = b"""
SELECT claim_id, programme_id, advocate_id, person_id, code, click_id, claimed_at, expires_at, phone_id,
    NULL::uuid AS customer_id, NULL::uuid AS name_key
FROM known_claim
WHERE shop_id = %(shop)b AND (
    claim_id = ANY(%(claims)b::uuid[]) OR code = ANY(%(codes)b::text[])
    OR person_id = ANY(%(persons)b::uuid[]) OR phone_id = ANY(%(phones)b::uuid[])
)
UNION ALL
SELECT NULL, programme_id, advocate_id, NULL, code, NULL, NULL, NULL, NULL, customer_id, name_key FROM known_advocate
WHERE shop_id = %(shop)b AND (code = ANY(%(codes)b::text[]) OR name_key = ANY(%(names)b::uuid[]))
"""

# Advocates who invited the buyer or own the invite code that was typed: rows as of `PEOPLE`.
INVITERS = b"""
SELECT NULL::uuid, programme_id, advocate_id, NULL::uuid, code, NULL::uuid, NULL::timestamptz, NULL::timestamptz,
    NULL::uuid, customer_id, name_key
FROM known_advocate WHERE shop_id = %(shop)b AND customer_id IN (
    SELECT inviter_id FROM known_seat WHERE shop_id = %(shop)b AND person_id = ANY(%(persons)b::uuid[])
    UNION SELECT inviter_id FROM known_invite WHERE shop_id = %(shop)b AND code = ANY(%(codes)b::text[])
)
"""

_CLICK = b"""
SELECT c.click_id, c.visitor, c.clicked_at, l.advocate_id, l.programme_id, c.utm_campaign, c.address_hash FROM click c
LEFT JOIN link l ON l.shop_id = c.shop_id AND l.link_id = c.link_id
"""
CLICKS = _CLICK + b"WHERE c.shop_id = %s AND c.click_id = ANY(%s) AND c.recorded_at BETWEEN %s AND %s"
NEAR = (
    _CLICK
    + b"""
WHERE c.shop_id = %s AND c.address_hash = ANY(%s::bytea[]) AND c.click_id BETWEEN %s AND %s
    AND c.recorded_at BETWEEN %s AND %s
ORDER BY c.click_id
"""
)

SEATS = b"""
SELECT person_id, code, redeemed_at, inviter_id, campaign FROM known_seat
WHERE shop_id = %s AND person_id = ANY(%s) ORDER BY redeemed_at, code
"""

INVITES = b"""
SELECT code, inviter_id, campaign, valid_from, expires_at FROM known_invite
WHERE shop_id = %s AND code = ANY(%b::text[])
"""

# Alerts and, without a state, codes that are exempt or, from a moment on, were so.
ALERTS = b"""
SELECT code, programme_id, advocate_id, tripped_at, state FROM coupon_alert
WHERE shop_id = %(shop)b AND code = ANY(%(codes)b::text[])
UNION ALL
SELECT code, NULL, NULL, watched_at, NULL FROM exempt_code
WHERE shop_id = %(shop)b AND code = ANY(%(codes)b::text[])
"""

# Facts come in any order: the name of somebody who was erased by now is not learned.
LEARN_ADVOCATES = b"""
INSERT INTO known_advocate (shop_id, advocate_id, programme_id, code, customer_id, name_key)
SELECT s.shop_id, a.advocate_id, a.programme_id, a.code, a.customer_id, CASE WHEN NOT EXISTS (
    SELECT FROM erased_customer e WHERE e.shop_id = s.shop_id AND e.customer_id = a.customer_id
) THEN a.name_key END
FROM (VALUES (%s::uuid)) AS s (shop_id), unnest(%s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::uuid[])
    AS a (advocate_id, programme_id, code, customer_id, name_key)
ON CONFLICT DO NOTHING
"""
LEARN_CLAIMS = b"""
INSERT INTO known_claim (
    shop_id, claim_id, programme_id, advocate_id, person_id, code, click_id, claimed_at, expires_at, phone_id
)
SELECT %s, * FROM unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::timestamptz[],
    %s::uuid[]
) ON CONFLICT DO NOTHING
"""
LEARN_SEATS = b"""
INSERT INTO known_seat (shop_id, person_id, code, redeemed_at, inviter_id, campaign)
SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::uuid[], %s::text[]) ON CONFLICT DO NOTHING
"""
LEARN_INVITES = b"""
INSERT INTO known_invite (shop_id, code, inviter_id, campaign, valid_from, expires_at)
SELECT %s, * FROM unnest(%s::text[], %s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT DO NOTHING
"""
LEARN_WINDOWS = b"""
INSERT INTO known_window (shop_id, programme_id, revision, since, days)
SELECT %s, * FROM unnest(%s::uuid[], %s::int[], %s::timestamptz[], %s::int[]) ON CONFLICT DO NOTHING
"""
# All see the rows as they were before.
FORGET_NAMES = b"""
WITH forgotten AS (
    UPDATE known_advocate SET name_key = NULL WHERE shop_id = %(shop)s AND customer_id = ANY(%(customers)s)
), noted AS (
    INSERT INTO erased_customer (shop_id, customer_id) SELECT %(shop)s, * FROM unnest(%(customers)s::uuid[])
    ON CONFLICT DO NOTHING
)
SELECT DISTINCT a.name_key FROM known_advocate a
WHERE a.shop_id = %(shop)s AND a.customer_id = ANY(%(customers)s) AND a.name_key IS NOT NULL AND NOT EXISTS (
    SELECT FROM known_advocate k WHERE k.shop_id = %(shop)s AND k.name_key = a.name_key
        AND (k.customer_id = ANY(%(customers)s)) IS NOT TRUE
)
"""
INVITED_BY = b"""
SELECT person_id, NULL FROM known_seat WHERE shop_id = %(shop)s AND inviter_id = ANY(%(inviters)s)
UNION SELECT NULL, code FROM known_invite WHERE shop_id = %(shop)s AND inviter_id = ANY(%(inviters)s)
"""
