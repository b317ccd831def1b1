"""Who carries a delivery leases it by a change of its row alone."""

from alembic import op

from adapters.shared.postgres.ddl import leased_deliveries

revision = "tracking_0029"
down_revision = "tracking_0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in leased_deliveries("tracking"):
        op.execute(statement)
    op.execute("ALTER TABLE tracking.webhook_delivery SET (fillfactor = 70)")
