"""A claim keeps the terms that its friend was promised. NULL for claims that were made before."""

from alembic import op

revision = "acquisition_0002"
down_revision = "acquisition_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE acquisition.claim ADD COLUMN terms json")
