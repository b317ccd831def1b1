"""A name that is forgotten is taken out of what browsers said of orders."""

from alembic import op

revision = "tracking_0026"
down_revision = "tracking_0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT UPDATE (name_key) ON tracking.order_hint TO grapevine_tracking")
