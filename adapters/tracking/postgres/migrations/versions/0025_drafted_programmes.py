"""Programmes that exist, whether they went live or not."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0025"
down_revision = "tracking_0024"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.known_programme (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    PRIMARY KEY (shop_id, programme_id)
)""",
    *protect("tracking", "known_programme", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
