"""What names an order that is to be fetched is found at once, however much else is waiting."""

from alembic import op

revision = "tracking_0009"
down_revision = "tracking_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE INDEX webhook_delivery_fetch ON tracking.webhook_delivery (due_at)"
        " WHERE state = 'waiting' AND kind = 'bigcommerce'"
    )
