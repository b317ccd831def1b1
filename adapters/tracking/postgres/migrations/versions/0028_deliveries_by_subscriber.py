"""What one subscriber waits for is found without a look at what waits for others."""

from alembic import op

from adapters.shared.postgres.ddl import deliveries_by_subscriber

revision = "tracking_0028"
down_revision = "tracking_0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in deliveries_by_subscriber("tracking"):
        op.execute(statement)
