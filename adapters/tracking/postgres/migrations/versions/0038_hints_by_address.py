"""Hints are found by the address that they came from, and keep the earliest moment at which they were said.

A click that was spooled finds the orders that it may credit, by its address too. And what two messages say alike is one
hint, whichever of them arrives first.
"""

from alembic import op

revision = "tracking_0038"
down_revision = "tracking_0037"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX order_hint_address ON tracking.order_hint (shop_id, address_hash) WHERE address_hash IS NOT NULL",
    "GRANT UPDATE (at) ON tracking.order_hint TO grapevine_tracking",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
