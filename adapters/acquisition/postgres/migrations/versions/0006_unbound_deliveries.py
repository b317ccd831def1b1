"""A delivery is stored without a look at its fact, which the same statement stores."""

from alembic import op

from adapters.shared.postgres.ddl import unbound_deliveries

revision = "acquisition_0006"
down_revision = "acquisition_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in unbound_deliveries("acquisition"):
        op.execute(statement)
