"""Up to when a shop's clicks and tag events are no longer kept: reports say so, and do not count them away."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect

revision = "tracking_0040"
down_revision = "tracking_0039"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.no_longer_kept (
    shop_id uuid NOT NULL,
    what text NOT NULL CHECK (what IN ('clicks', 'events')),
    until timestamptz NOT NULL,
    PRIMARY KEY (shop_id, what)
)""",
    "COMMENT ON COLUMN tracking.no_longer_kept.until IS 'When the latest of those that were deleted happened.'",
    *protect("tracking", "no_longer_kept", grants="SELECT, INSERT, UPDATE"),
    *open_to("tracking", "no_longer_kept", "relay", command="SELECT"),
    "ALTER TABLE tracking.report_shop ADD COLUMN clicks_from timestamptz NOT NULL DEFAULT '-infinity'",
    "COMMENT ON COLUMN tracking.report_shop.clicks_from IS 'Clicks before are counted by the days of an older zone.'",
    # An order that is its own person has been forgotten.
    "GRANT SELECT (person_id) ON tracking.orders TO grapevine_tracking_relay",
    # Of runs before this one, only that nothing younger than the shortest retention was deleted is known.
    "ALTER TABLE tracking.retention_run NO FORCE ROW LEVEL SECURITY",
    """
INSERT INTO tracking.no_longer_kept
SELECT shop_id, 'clicks', max(ran_at) - interval '14 months' FROM tracking.retention_run WHERE clicks > 0 GROUP BY 1
UNION ALL
SELECT shop_id, 'events', max(ran_at) - interval '2 months' FROM tracking.retention_run WHERE events > 0 GROUP BY 1
""",
    "ALTER TABLE tracking.retention_run FORCE ROW LEVEL SECURITY",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
