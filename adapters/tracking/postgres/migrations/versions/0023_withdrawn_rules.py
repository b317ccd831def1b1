"""A version of a shop's rules can be withdrawn before it comes into force."""

from alembic import op

revision = "tracking_0023"
down_revision = "tracking_0022"
branch_labels = None
depends_on = None

TABLES = ("attribution_policy", "coupon_site_rule")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"""
ALTER TABLE tracking.{table}
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_by text,
    ADD CONSTRAINT {table}_withdrawn CHECK (
        (withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL OR withdrawn_at < since)
    )
""")
        # Another version may begin at the moment of one that was withdrawn.
        op.execute(f"CREATE UNIQUE INDEX {table}_since ON tracking.{table} (shop_id, since) WHERE withdrawn_at IS NULL")
        op.execute(f"ALTER TABLE tracking.{table} DROP CONSTRAINT {table}_shop_id_since_key")
        op.execute(f"GRANT UPDATE (withdrawn_at, withdrawn_by) ON tracking.{table} TO grapevine_tracking")
