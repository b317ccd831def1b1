"""Who carries a delivery leases it by a change of its row alone."""

from alembic import op

from adapters.shared.postgres.ddl import leased_deliveries

revision = "acquisition_0005"
down_revision = "acquisition_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in leased_deliveries("acquisition"):
        op.execute(statement)
