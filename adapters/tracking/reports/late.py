"""The statement that makes up for what came before that which it belongs to."""

from typing import Final

from adapters.tracking.reports.rollups import OF_CLICKS

# Clicks that were counted before their advocate was: whoever is counted now, for the first time, takes them along.
COUNT_LATE: Final = f"""
INSERT INTO report_cohort AS t (shop_id, cohort, month, programme_id, {", ".join(OF_CLICKS)})
SELECT a.shop_id, date_trunc('month', a.enrolled_at AT TIME ZONE s.time_zone)::date, m.month, m.programme_id,
    {", ".join(f"sum(m.{measure})::bigint" for measure in OF_CLICKS)}
FROM unnest(%(shops)s::uuid[], %(advocates)s::uuid[]) AS late (shop_id, advocate_id)
JOIN report_counted a ON a.shop_id = late.shop_id AND a.kind = 'advocate' AND a.id = late.advocate_id
JOIN report_shop s ON s.shop_id = late.shop_id
CROSS JOIN LATERAL generate_series(
    (SELECT min(month) FROM report_advocate_month WHERE shop_id = late.shop_id)::timestamp,
    (SELECT max(month) FROM report_advocate_month WHERE shop_id = late.shop_id)::timestamp, '1 month'
) AS known (month)
JOIN report_advocate_month m ON m.shop_id = late.shop_id AND m.month = known.month::date
    AND m.advocate_id = late.advocate_id
WHERE {" OR ".join(f"m.{measure} <> 0" for measure in OF_CLICKS)}
GROUP BY 1, 2, 3, 4
ON CONFLICT (shop_id, cohort, month, programme_id) DO UPDATE
SET {", ".join(f"{measure} = t.{measure} + excluded.{measure}" for measure in OF_CLICKS)}
"""
