"""A delivery carries further facts of the transaction that wrote it."""

from alembic import op

from adapters.shared.postgres.ddl import bundled_deliveries

revision = "engagement_0005"
down_revision = "engagement_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in bundled_deliveries("engagement"):
        op.execute(statement)
