"""Who was erased: what is heard of them only later brings no name back."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0027"
down_revision = "tracking_0026"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.erased_customer (
    shop_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (shop_id, customer_id)
)""",
    *protect("tracking", "erased_customer", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
