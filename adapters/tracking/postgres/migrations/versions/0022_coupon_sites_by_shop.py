"""A shop's own rule about coupon sites, and codes that are exempt from any."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0022"
down_revision = "tracking_0021"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.coupon_site_rule (
    shop_id uuid NOT NULL,
    version int NOT NULL CHECK (version > 1),
    since timestamptz NOT NULL,
    rule json NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, version),
    UNIQUE (shop_id, since)
)""",
    *protect("tracking", "coupon_site_rule", grants="SELECT, INSERT"),
    """
CREATE TABLE tracking.exempt_code (
    shop_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    exempted_by text NOT NULL,
    exempted_at timestamptz NOT NULL,
    watched_by text,
    watched_at timestamptz,
    PRIMARY KEY (shop_id, code),
    CHECK ((watched_at IS NULL) = (watched_by IS NULL))
)""",
    *protect("tracking", "exempt_code", grants="SELECT, INSERT, UPDATE"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
