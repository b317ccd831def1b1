"""A claim names the offer version that its friend was promised. NULL for claims that were made before."""

from alembic import op

revision = "referral_0002"
down_revision = "referral_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE referral.claim ADD COLUMN offer_version int")
