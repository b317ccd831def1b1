"""Clicks: written by group commit as the INSERT-only recorder role, a group as one JSON array of `Click`s."""

STORE = """
INSERT INTO click (
    shop_id, click_id, link_id, recorded_at, clicked_at, visitor, query,
    utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id, referrer_host, language, address_hash,
    agent_hash, device, country, click_ids, visit
)
SELECT
    shop_id, click_id, link_id, recorded_at, clicked_at, visitor, decode(query, 'base64'),
    utm[1], utm[2], utm[3], utm[4], utm[5], utm[6], referrer_host, language, decode(address_hash, 'base64'),
    coalesce(agent_hash, 0), coalesce(device, 'other'), country, click_ids, visit
FROM json_to_recordset($1::json) AS click (
    shop_id uuid, click_id uuid, link_id uuid, recorded_at timestamptz, clicked_at timestamptz, visitor text,
    query text, utm text[], referrer_host text, language text, address_hash text,
    agent_hash bigint, device text, country text, click_ids json, visit boolean
)
"""
STORE_ONCE = STORE + "ON CONFLICT DO NOTHING"
"""For clicks that may be there already: those that waited on disk."""
