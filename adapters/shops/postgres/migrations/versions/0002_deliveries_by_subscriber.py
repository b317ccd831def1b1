"""What one subscriber waits for is found without a look at what waits for others."""

from alembic import op

from adapters.shared.postgres.ddl import deliveries_by_subscriber

revision = "shops_0002"
down_revision = "shops_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in deliveries_by_subscriber("shops"):
        op.execute(statement)
