"""Who carries a delivery leases it by a change of its row alone."""

from alembic import op

from adapters.shared.postgres.ddl import leased_deliveries

revision = "referral_0004"
down_revision = "referral_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in leased_deliveries("referral"):
        op.execute(statement)
