"""Which shops have rewards to approve, by each shop's own clock."""

from typing import Final

from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from kernel.ids import ShopId

# The index on approve_after serves the widest clock; the shop's own clock then decides.
SHOPS_WITH_DUE: Final = """
SELECT DISTINCT r.shop_id
FROM reward r
JOIN known_shop k ON k.shop_id = r.shop_id
JOIN settled_order o ON o.shop_id = r.shop_id AND o.order_id = r.order_id
WHERE r.state = 'pending' AND o.payment = 'paid'
  AND r.approve_after <= now() + (SELECT coalesce(max(clock_offset_s), 0) FROM known_shop) * interval '1 second'
  AND r.approve_after <= now() + k.clock_offset_s * interval '1 second'
"""


async def shops_with_due(relay: Database) -> list[ShopId]:
    return await shops_from(relay, SHOPS_WITH_DUE)
