"""Clicks: written by group commit as the INSERT-only recorder role."""

from typing import Any

from tracking.domain.click import Click

STORE = """
INSERT INTO click (
    shop_id, click_id, link_id, recorded_at, clicked_at, visitor, query,
    utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id, referrer_host, language, address_hash
)
SELECT * FROM unnest(
    %b::uuid[], %b::uuid[], %b::uuid[], %b::timestamptz[], %b::timestamptz[], %b::text[], %b::bytea[],
    %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[]
)
"""


def to_columns(click: Click) -> tuple[Any, ...]:
    return (
        click.shop_id,
        click.click_id,
        click.link_id,
        click.recorded_at,
        click.clicked_at,
        click.visitor,
        click.query,
        *click.utm,
        click.referrer_host,
        click.language,
        click.address_hash,
    )
