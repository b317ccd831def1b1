"""Orders are found by their customer, too: a first order is the first of the customer, whatever their address was."""

from alembic import op

revision = "tracking_0035"
down_revision = "tracking_0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX orders_of_customer ON tracking.orders (shop_id, customer_id) WHERE customer_id IS NOT NULL"
    )
