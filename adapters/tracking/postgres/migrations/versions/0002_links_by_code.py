"""The lookup of a link's code carries what a redirect needs, so that one statement serves many codes of all shops."""

from alembic import op

revision = "tracking_0002"
down_revision = "tracking_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tracking.link_code ADD COLUMN destination text, ADD COLUMN advocate_code text")
    op.execute(
        "UPDATE tracking.link_code c SET destination = l.destination, advocate_code = l.advocate_code"
        " FROM tracking.link l WHERE l.shop_id = c.shop_id AND l.link_id = c.link_id"
    )
