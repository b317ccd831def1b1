"""A delivery carries further facts of the transaction that wrote it."""

from alembic import op

from adapters.shared.postgres.ddl import bundled_deliveries

revision = "referral_0006"
down_revision = "referral_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in bundled_deliveries("referral"):
        op.execute(statement)
