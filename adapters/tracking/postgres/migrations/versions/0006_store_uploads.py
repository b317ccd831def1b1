"""Files of orders from physical stores, and orders that came in them."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect

revision = "tracking_0006"
down_revision = "tracking_0005"
branch_labels = None
depends_on = None

TABLES = (
    """
CREATE TABLE tracking.upload (
    shop_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    file_name text NOT NULL,
    store text NOT NULL,
    dry_run boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('receiving', 'waiting', 'reading', 'done', 'failed')),
    created_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    size bigint NOT NULL DEFAULT 0,
    bytes_read bigint NOT NULL DEFAULT 0,
    fingerprint bytea,
    rows_read int NOT NULL DEFAULT 0,
    rows_taken int NOT NULL DEFAULT 0,
    rows_refused int NOT NULL DEFAULT 0,
    code text,
    reason text,
    finished_at timestamptz,
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (shop_id, upload_id)
)""",
    "CREATE INDEX upload_due ON tracking.upload (claimed_until) WHERE state IN ('waiting', 'reading')",
    "CREATE INDEX upload_like ON tracking.upload (shop_id, fingerprint) WHERE fingerprint IS NOT NULL",
    """
CREATE TABLE tracking.upload_part (
    shop_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    number int NOT NULL,
    text bytea NOT NULL,
    PRIMARY KEY (shop_id, upload_id, number),
    FOREIGN KEY (shop_id, upload_id) REFERENCES tracking.upload (shop_id, upload_id) ON DELETE CASCADE
)""",
    "ALTER TABLE tracking.upload_part ALTER COLUMN text SET STORAGE EXTERNAL",
    """
CREATE TABLE tracking.upload_fault (
    shop_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    row_number int NOT NULL,
    column_name text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    order_number text NOT NULL,
    PRIMARY KEY (shop_id, upload_id, row_number),
    FOREIGN KEY (shop_id, upload_id) REFERENCES tracking.upload (shop_id, upload_id) ON DELETE CASCADE
)""",
    "ALTER TABLE tracking.orders DROP CONSTRAINT orders_platform_check",
    "ALTER TABLE tracking.orders ADD CONSTRAINT orders_platform_check"
    " CHECK (platform IN ('shopify', 'woocommerce', 'shopware', 'bigcommerce', 'stripe', 'own', 'csv')) NOT VALID",
    "ALTER TABLE tracking.orders VALIDATE CONSTRAINT orders_platform_check",
)


def upgrade() -> None:
    for statement in (
        *TABLES,
        *protect("tracking", "upload"),
        *open_to("tracking", "upload", "relay", command="SELECT"),
        *open_to("tracking", "upload", "relay", command="UPDATE", columns="claimed_until"),
        *open_to("tracking", "upload", "relay", command="DELETE"),
        *protect("tracking", "upload_part", grants="SELECT, INSERT, DELETE"),
        *protect("tracking", "upload_fault", grants="SELECT, INSERT"),
    ):
        op.execute(statement)
