"""A delivery is stored without a look at its fact, which the same statement stores."""

from alembic import op

from adapters.shared.postgres.ddl import unbound_deliveries

revision = "shops_0004"
down_revision = "shops_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in unbound_deliveries("shops"):
        op.execute(statement)
