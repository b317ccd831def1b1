"""Redirects read a programme's chain: its windows say how long a click's signed mark is good for."""

from alembic import op

from adapters.shared.postgres.ddl import open_to

revision = "tracking_0012"
down_revision = "tracking_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = "shop_id, programme_id, plan"
    for statement in open_to("tracking", "chain", "relay", command="SELECT", columns=columns):
        op.execute(statement)
