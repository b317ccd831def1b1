"""What browsers say about orders at checkout."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0003"
down_revision = "tracking_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.order_hint (
    shop_id uuid NOT NULL,
    order_ref text NOT NULL CHECK (length(order_ref) BETWEEN 1 AND 200),
    hint_key bytea NOT NULL CHECK (length(hint_key) = 16),
    source text NOT NULL CHECK (source IN ('tag')),
    click_id uuid,
    claim_id uuid,
    codes text[] NOT NULL,
    visitor text,
    campaign text,
    address_hash bytea,
    at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, order_ref, hint_key)
)""",
    *protect("tracking", "order_hint", grants="SELECT, INSERT"),
    # A hint names an order by the platform's id or by what people call it.
    "CREATE INDEX orders_by_external_id ON tracking.orders (shop_id, external_id)",
    "CREATE INDEX orders_by_number ON tracking.orders (shop_id, number) WHERE number IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
