"""Which store a shop's orders are of, where the platform numbers orders within one store."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0039"
down_revision = "tracking_0038"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE tracking.webhook_delivery ADD COLUMN store text NOT NULL DEFAULT ''",
    """
CREATE TABLE tracking.order_store (
    shop_id uuid NOT NULL,
    platform text NOT NULL CHECK (platform IN ('woocommerce', 'bigcommerce')),
    connection_id uuid NOT NULL,
    store text NOT NULL CHECK (length(store) <= 200),
    PRIMARY KEY (shop_id, platform, connection_id, store)
)""",
    *protect("tracking", "order_store", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
