"""A delivery is stored without a look at its fact, which the same statement stores."""

from alembic import op

from adapters.shared.postgres.ddl import unbound_deliveries

revision = "tracking_0030"
down_revision = "tracking_0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in unbound_deliveries("tracking"):
        op.execute(statement)
