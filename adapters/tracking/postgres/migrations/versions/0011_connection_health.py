"""How connections are doing; secrets that are sealed; connections that are switched off or wait for their secret."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect

revision = "tracking_0011"
down_revision = "tracking_0010"
branch_labels = None
depends_on = None

CONNECTION = (
    "ALTER TABLE tracking.connection ADD COLUMN enabled boolean NOT NULL DEFAULT true,"
    " ADD COLUMN version int NOT NULL DEFAULT 1",
    # Whether everything secret in the row is sealed, so that what is not is found without looking at it.
    "ALTER TABLE tracking.connection ADD COLUMN sealed boolean NOT NULL GENERATED ALWAYS AS ("
    " coalesce(secrets[1], 'sealed:') LIKE 'sealed:%' AND coalesce(secrets[2], 'sealed:') LIKE 'sealed:%'"
    " AND coalesce(api_token, 'sealed:') LIKE 'sealed:%') STORED",
    "ALTER TABLE tracking.connection DROP CONSTRAINT connection_secrets_check",
    "ALTER TABLE tracking.connection ADD CONSTRAINT connection_secrets_check CHECK (cardinality(secrets) <= 2)",
    "GRANT DELETE ON tracking.connection TO grapevine_tracking",
    "GRANT DELETE ON tracking.connection_address TO grapevine_tracking",
)
HEALTH = (
    """
CREATE TABLE tracking.connection_health (
    shop_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    first_good_at timestamptz,
    last_good_at timestamptz,
    last_failed_at timestamptz,
    failures jsonb NOT NULL,
    PRIMARY KEY (shop_id, connection_id)
) WITH (fillfactor = 50)""",
    """
CREATE TABLE tracking.connection_day (
    shop_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    day date NOT NULL,
    good bigint NOT NULL,
    unhandled bigint NOT NULL,
    failed bigint NOT NULL,
    PRIMARY KEY (shop_id, connection_id, day)
) WITH (fillfactor = 50)""",
    # What was delivered before deliveries were counted, so that no connection seems never to have delivered.
    """
INSERT INTO tracking.connection_health (shop_id, connection_id, first_good_at, last_good_at, failures)
SELECT shop_id, connection_id, min(received_at), max(received_at), '[]'
FROM tracking.webhook_delivery GROUP BY shop_id, connection_id""",
)


def upgrade() -> None:
    for statement in (*CONNECTION, *HEALTH):
        op.execute(statement)
    for table in ("connection_health", "connection_day"):
        for statement in (
            *protect("tracking", table, grants="SELECT, DELETE"),
            *open_to("tracking", table, "relay", command="SELECT"),
            *open_to("tracking", table, "relay", command="INSERT"),
            *open_to("tracking", table, "relay", command="UPDATE"),
            *open_to("tracking", table, "relay", command="DELETE"),
        ):
            op.execute(statement)
    for statement in open_to("tracking", "connection", "relay", command="SELECT", columns="shop_id, sealed"):
        op.execute(statement)
