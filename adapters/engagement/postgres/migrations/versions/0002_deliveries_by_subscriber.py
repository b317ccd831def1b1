"""What one subscriber waits for is found without a look at what waits for others."""

from alembic import op

from adapters.shared.postgres.ddl import deliveries_by_subscriber

revision = "engagement_0002"
down_revision = "engagement_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in deliveries_by_subscriber("engagement"):
        op.execute(statement)
