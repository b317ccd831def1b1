"""Messages of one customer are found without a look at the shop's others."""

from alembic import op

revision = "engagement_0006"
down_revision = "engagement_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX message_customer ON engagement.message (shop_id, customer_id, message_id)")
