"""A delivery carries further facts of the transaction that wrote it."""

from alembic import op

from adapters.shared.postgres.ddl import bundled_deliveries

revision = "tracking_0033"
down_revision = "tracking_0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in bundled_deliveries("tracking"):
        op.execute(statement)
