"""Sums of whole numbers that stay whole numbers: PostgreSQL's own counts in numeric, to be read back for every sum."""

from alembic import op

revision = "tracking_0036"
down_revision = "tracking_0035"
branch_labels = None
depends_on = None

# A sum above the range of bigint is refused, as its cast was. Of no rows it is zero.
TOTAL = """
CREATE AGGREGATE tracking.total(bigint) (
    SFUNC = int8pl, STYPE = bigint, INITCOND = '0', COMBINEFUNC = int8pl, PARALLEL = SAFE
)
"""


def upgrade() -> None:
    op.execute(TOTAL)
