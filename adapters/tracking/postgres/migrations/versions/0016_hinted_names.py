"""What a page of the shop told of the name that a buyer gave."""

from alembic import op

revision = "tracking_0016"
down_revision = "tracking_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tracking.order_hint ADD COLUMN name_key uuid")
    op.execute("CREATE INDEX order_hint_name ON tracking.order_hint (shop_id, name_key) WHERE name_key IS NOT NULL")
