"""What clicks, claims, orders and shares come to, by quarter of an hour, programme and all dimensions together.

Every day and hour of every time zone begins with a quarter, so this says exactly what the rows say of any period, and
there is never more of it than of rows. It is kept in the order of its dimensions: equal values stand together, and
are told from others a run at a time.

A line says how many things (`things`) add one to the same measures (`adds`, by comma), and what money they come to.
"""

from typing import Final

from adapters.tracking.reports.rollups import DIMENSIONS, NOBODY
from adapters.tracking.reports.step_funnel import WAYS

QUARTER_MS: Final = 900_000
MONEY: Final = ("base_minor", "final_base_minor", "reward_minor")
_CLICKS: Final = {
    "clicks": "visitor = 'person'", "visits": "visitor = 'person' AND begins", "bots": "visitor = 'bot'",
    "previews": "visitor = 'preview'",
}  # fmt: skip
_FACTS: Final = {
    "shares": "kind = 'share'",
    "claims": "kind = 'claim'",
    "orders": "kind = 'order'",
    "cancelled": "kind = 'order' AND cancelled",
    "new_orders": "kind = 'order' AND NOT cancelled AND is_new",
    "approved": "kind = 'order' AND approved",
}


def _of(conditions: dict[str, str], programme: str, dimensions: str, money: str) -> str:
    adds = ", ".join(f"CASE WHEN {condition} THEN '{measure}' END" for measure, condition in conditions.items())
    return (
        f"SELECT at_ms // {QUARTER_MS} AS quarter, {programme} AS programme_id, {dimensions},"
        f" concat_ws(',', {adds}) AS adds, count(*)::INTEGER AS things, {money} FROM rows GROUP BY ALL"
        " ORDER BY country, device, channel, source, campaign, method, credit, adds, programme_id, quarter"
    )


OF_CLICKS: Final = _of(
    _CLICKS,
    f"coalesce(programme_id, CAST('{NOBODY}' AS uuid))",
    ", ".join(name if name in WAYS else f"NULL::VARCHAR AS {name}" for name in DIMENSIONS),
    ", ".join(f"0::BIGINT AS {name}" for name in MONEY),
)
"""Of `rows` as `column_rows.CLICKS` gives them."""
OF_COUNTED: Final = _of(
    _FACTS, "programme_id", ", ".join(DIMENSIONS), ", ".join(f"sum({name})::BIGINT AS {name}" for name in MONEY)
)
"""Of `rows` as `column_rows.COUNTED` gives them; only orders have money."""
