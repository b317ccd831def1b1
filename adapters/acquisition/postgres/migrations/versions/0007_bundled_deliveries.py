"""A delivery carries further facts of the transaction that wrote it."""

from alembic import op

from adapters.shared.postgres.ddl import bundled_deliveries

revision = "acquisition_0007"
down_revision = "acquisition_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in bundled_deliveries("acquisition"):
        op.execute(statement)
