"""Which shops have rewards to approve, by each shop's own clock."""

from typing import Final

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from kernel.ids import ShopId

# Shops on real time by the index on approve_after; the few with a moved test clock one by one.
SHOPS_WITH_DUE: Final = """
SELECT DISTINCT r.shop_id
FROM reward r JOIN settled_order o ON o.shop_id = r.shop_id AND o.order_id = r.order_id
WHERE r.state = 'pending' AND r.approve_after <= now() AND o.payment = 'paid'
UNION
SELECT k.shop_id FROM known_shop k
WHERE k.clock_offset_s > 0 AND EXISTS (
    SELECT FROM reward r JOIN settled_order o ON o.shop_id = r.shop_id AND o.order_id = r.order_id
    WHERE r.shop_id = k.shop_id AND r.state = 'pending' AND o.payment = 'paid'
      AND r.approve_after <= now() + k.clock_offset_s * interval '1 second'
)
"""


async def shops_with_due(relay: Database) -> list[ShopId]:
    return await shops_from(relay, SHOPS_WITH_DUE)
