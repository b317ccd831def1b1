"""The statements that make one shop's roll-ups anew from its rows, but for what is no longer there to be counted."""

from typing import Final

from adapters.tracking.reports.rollups import OF_CLICKS, OF_FACTS

# Months of which clicks are no longer kept cannot be counted again: what they came to stays, by the days of then.
# Neither can a month into which such days reach since the time zone changed: some of its clicks are on days before it.
KEPT_FROM: Final = """
SELECT coalesce(max(month::date), '-infinity')::text, coalesce(max(month AT TIME ZONE zone), '-infinity')::text FROM (
    SELECT r.time_zone AS zone, interval '1 month' + greatest(
        date_trunc('month', n.until AT TIME ZONE r.time_zone),
        date_trunc('month', (r.clicks_from - interval '1 microsecond') AT TIME ZONE r.time_zone)) AS month
    FROM report_shop r JOIN no_longer_kept n ON n.shop_id = r.shop_id AND n.what = 'clicks' WHERE r.shop_id = %(shop)s
) kept
"""
_NO_CLICKS = " AND ".join(f"{measure} = 0" for measure in OF_CLICKS)
_NO_FACTS = ", ".join(f"{measure} = 0" for measure in OF_FACTS)
_FROM = {"hour": "%(moment)s::timestamptz", "day": "%(month)s::date", "month": "%(month)s::date"}
_ROLLED = {"report_hour": "hour", "report_day": "day", "report_advocate_month": "month", "report_cohort": "month"}
CLEAR: Final = tuple(
    statement
    for table, key in _ROLLED.items()
    for statement in (
        f"DELETE FROM {table} WHERE shop_id = %(shop)s AND ({key} >= {_FROM[key]} OR {_NO_CLICKS})",
        f"UPDATE {table} SET {_NO_FACTS} WHERE shop_id = %(shop)s",
    )
)
NOTE_ADVOCATES: Final = """
INSERT INTO report_advocate (shop_id, advocate_id, programme_id, enrolled_at)
SELECT shop_id, advocate_id, min(programme_id::text)::uuid, min(created_at) FROM link
WHERE shop_id = %(shop)s AND advocate_id IS NOT NULL AND programme_id IS NOT NULL GROUP BY 1, 2
ON CONFLICT DO NOTHING
"""
NOTE_EVERYTHING: Final = """
INSERT INTO report_change (shop_id, kind, id)
SELECT shop_id, 'advocate', advocate_id FROM report_advocate WHERE shop_id = %(shop)s
UNION ALL SELECT shop_id, 'share', share_id FROM known_share WHERE shop_id = %(shop)s
UNION ALL SELECT shop_id, 'claim', claim_id FROM known_claim WHERE shop_id = %(shop)s
UNION ALL SELECT shop_id, 'order', order_id FROM orders WHERE shop_id = %(shop)s
"""
