"""A delivery is stored without a look at its fact, which the same statement stores."""

from alembic import op

from adapters.shared.postgres.ddl import unbound_deliveries

revision = "referral_0005"
down_revision = "referral_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in unbound_deliveries("referral"):
        op.execute(statement)
