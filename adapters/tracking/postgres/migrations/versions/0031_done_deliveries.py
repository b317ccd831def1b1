"""How long deliveries took is asked of those that are done; and one is found by its key, by one index alone."""

from alembic import op

revision = "tracking_0031"
down_revision = "tracking_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX webhook_delivery_done ON tracking.webhook_delivery (shop_id, connection_id, received_at)"
        " WHERE state = 'done'"
    )
    op.execute("DROP INDEX tracking.webhook_delivery_latest")
