"""Who carries a delivery leases it by a change of its row alone."""

from alembic import op

from adapters.shared.postgres.ddl import leased_deliveries

revision = "engagement_0003"
down_revision = "engagement_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in leased_deliveries("engagement"):
        op.execute(statement)
