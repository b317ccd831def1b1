"""A delivery carries further facts of the transaction that wrote it."""

from alembic import op

from adapters.shared.postgres.ddl import bundled_deliveries

revision = "shops_0005"
down_revision = "shops_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in bundled_deliveries("shops"):
        op.execute(statement)
