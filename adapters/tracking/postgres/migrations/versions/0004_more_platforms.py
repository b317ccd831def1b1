"""More platforms, and how the API of one that sends only an order's id is asked for the order."""

from alembic import op

revision = "tracking_0004"
down_revision = "tracking_0003"
branch_labels = None
depends_on = None

KINDS = "'shopify', 'woocommerce', 'shopware', 'bigcommerce', 'stripe', 'generic'"
PLATFORMS = "'shopify', 'woocommerce', 'shopware', 'bigcommerce', 'stripe', 'own'"


def upgrade() -> None:
    for table, column, values in (
        ("connection", "kind", KINDS),
        ("webhook_delivery", "kind", KINDS),
        ("orders", "platform", PLATFORMS),
    ):
        name = f"{table}_{column}_check"
        op.execute(f"ALTER TABLE tracking.{table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE tracking.{table} ADD CONSTRAINT {name} CHECK ({column} IN ({values}))")
    op.execute("ALTER TABLE tracking.connection ADD COLUMN account text, ADD COLUMN api_token text")
