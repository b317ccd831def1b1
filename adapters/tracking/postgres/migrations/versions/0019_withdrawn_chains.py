"""A version of a chain can be withdrawn before it comes into force."""

from alembic import op

revision = "tracking_0019"
down_revision = "tracking_0018"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
ALTER TABLE tracking.chain
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_by text,
    ADD CONSTRAINT chain_withdrawn CHECK (
        (withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL OR withdrawn_at < since)
    )
""",
    # Another version may begin at the moment of one that was withdrawn.
    "CREATE UNIQUE INDEX chain_since ON tracking.chain (shop_id, programme_id, since) WHERE withdrawn_at IS NULL",
    "ALTER TABLE tracking.chain DROP CONSTRAINT chain_shop_id_programme_id_since_key",
    "GRANT UPDATE (withdrawn_at, withdrawn_by) ON tracking.chain TO grapevine_tracking",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
