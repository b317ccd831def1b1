"""Links, clicks, connections, stored deliveries, orders, and what is known of advocates, claims and programmes."""

from alembic import op

from adapters.shared.postgres.ddl import force_only, open_to, protect, toolkit_tables

revision = "tracking_0001"
down_revision = None
branch_labels = None
depends_on = None

LINKS = (
    """
CREATE TABLE tracking.link (
    shop_id uuid NOT NULL,
    link_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 4 AND 64),
    destination text CHECK (length(destination) <= 2048),
    advocate_id uuid,
    programme_id uuid,
    advocate_code text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, link_id),
    UNIQUE (shop_id, code),
    CHECK (destination IS NOT NULL OR advocate_code IS NOT NULL)
)""",
    # Cross-shop lookup: whose link a code is must be found before the shop is known.
    """
CREATE TABLE tracking.link_code (
    code text PRIMARY KEY,
    shop_id uuid NOT NULL,
    link_id uuid NOT NULL
)""",
)

CLICKS = (
    """
CREATE TABLE tracking.click (
    shop_id uuid NOT NULL,
    click_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    clicked_at timestamptz NOT NULL,
    link_id uuid NOT NULL,
    visitor text NOT NULL CHECK (visitor IN ('person', 'bot', 'preview')),
    query bytea NOT NULL,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utm_term text,
    utm_content text,
    utm_id text,
    referrer_host text NOT NULL,
    language text NOT NULL,
    address_hash bytea NOT NULL,
    PRIMARY KEY (shop_id, click_id, recorded_at)
) PARTITION BY RANGE (recorded_at)""",
    "CREATE INDEX click_of_link ON tracking.click (shop_id, link_id, recorded_at)",
    "CREATE TABLE tracking.click_default PARTITION OF tracking.click DEFAULT",
    # Partitions can only be made by the tables' owner, whom no process connects as: the one function that borrows the
    # owner's rights takes no argument and makes the months up to a fixed distance.
    """
CREATE FUNCTION tracking.make_click_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    month date;
    name text;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(4716);
    FOR ahead IN 0..3 LOOP
        month := (date_trunc('month', now()) + make_interval(months => ahead))::date;
        name := 'click_' || to_char(month, 'YYYYMM');
        CONTINUE WHEN to_regclass('tracking.' || name) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE tracking.%I PARTITION OF tracking.click FOR VALUES FROM (%L) TO (%L)',
                           name, month, (month + interval '1 month')::date);
            EXECUTE format('ALTER TABLE tracking.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE tracking.%I FORCE ROW LEVEL SECURITY', name);
            made := made + 1;
        EXCEPTION WHEN check_violation THEN
            NULL;  -- the default partition already holds clicks of that month; they stay there
        END;
    END LOOP;
    RETURN made;
END $$""",
    "REVOKE ALL ON FUNCTION tracking.make_click_partitions() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION tracking.make_click_partitions() TO grapevine_tracking_relay",
    "SELECT tracking.make_click_partitions()",
)

CONNECTIONS = (
    """
CREATE TABLE tracking.connection (
    shop_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('shopify', 'generic')),
    title text NOT NULL,
    secrets text[] NOT NULL CHECK (cardinality(secrets) BETWEEN 1 AND 2),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, connection_id)
)""",
    # Cross-shop lookup: a webhook's address names the connection before the shop is known.
    """
CREATE TABLE tracking.connection_address (
    connection_id uuid PRIMARY KEY,
    shop_id uuid NOT NULL
)""",
    """
CREATE TABLE tracking.webhook_delivery (
    shop_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    delivery_key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('shopify', 'generic')),
    topic text NOT NULL,
    triggered_at text NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'parked', 'unhandled')),
    tries int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    claimed_until timestamptz,
    settled_at timestamptz,
    code text,
    reason text,
    PRIMARY KEY (shop_id, connection_id, delivery_key)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000)""",
    "ALTER TABLE tracking.webhook_delivery ALTER COLUMN body SET STORAGE EXTERNAL",
    "CREATE INDEX webhook_delivery_due ON tracking.webhook_delivery (due_at) WHERE state = 'waiting'",
    "CREATE INDEX webhook_delivery_parked ON tracking.webhook_delivery (shop_id, connection_id) WHERE state = 'parked'",
    "CREATE INDEX webhook_delivery_latest ON tracking.webhook_delivery (shop_id, connection_id, received_at)",
    "CREATE INDEX webhook_delivery_received ON tracking.webhook_delivery USING brin (received_at)",
)

ORDERS = (
    """
CREATE TABLE tracking.orders (
    shop_id uuid NOT NULL,
    order_id uuid NOT NULL,
    platform text NOT NULL CHECK (platform IN ('shopify', 'own')),
    external_id text NOT NULL,
    revision int NOT NULL CHECK (revision >= 0),
    facts json NOT NULL,
    decided json,
    number text,
    placed_at timestamptz,
    payment text CHECK (payment IN ('pending', 'paid', 'voided')),
    cancelled_at timestamptz,
    test boolean,
    currency text,
    total_minor bigint CHECK (total_minor >= 0),
    base_minor bigint NOT NULL CHECK (base_minor >= 0),
    final_base_minor bigint NOT NULL CHECK (final_base_minor BETWEEN 0 AND base_minor),
    customer_id uuid,
    person_id uuid,
    first_order boolean NOT NULL,
    claim_id uuid,
    click_id uuid,
    method text CHECK (method IN ('signed_claim', 'coupon_code', 'click_id', 'friend_email')),
    advocate_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, order_id),
    UNIQUE (shop_id, platform, external_id),
    CHECK ((revision = 0) = (placed_at IS NULL))
)""",
    "CREATE INDEX orders_of_person ON tracking.orders (shop_id, person_id) WHERE person_id IS NOT NULL",
    "CREATE INDEX orders_of_claim ON tracking.orders (shop_id, claim_id) WHERE claim_id IS NOT NULL",
    "CREATE INDEX orders_of_click ON tracking.orders (shop_id, click_id) WHERE click_id IS NOT NULL",
    """
CREATE TABLE tracking.order_code (
    shop_id uuid NOT NULL,
    code text NOT NULL,
    order_id uuid NOT NULL,
    PRIMARY KEY (shop_id, code, order_id),
    FOREIGN KEY (shop_id, order_id) REFERENCES tracking.orders (shop_id, order_id)
)""",
)

KNOWN = (
    """
CREATE TABLE tracking.known_advocate (
    shop_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (shop_id, advocate_id)
)""",
    "CREATE INDEX known_advocate_code ON tracking.known_advocate (shop_id, code)",
    """
CREATE TABLE tracking.known_claim (
    shop_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code text NOT NULL,
    click_id uuid,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, claim_id)
)""",
    "CREATE INDEX known_claim_code ON tracking.known_claim (shop_id, code)",
    "CREATE INDEX known_claim_person ON tracking.known_claim (shop_id, person_id)",
    """
CREATE TABLE tracking.known_window (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    revision int NOT NULL,
    since timestamptz NOT NULL,
    days int NOT NULL CHECK (days >= 0),
    PRIMARY KEY (shop_id, programme_id, revision)
)""",
)


def _tenancy() -> list[str]:
    def guarded(table: str, grants: str) -> list[str]:
        return protect("tracking", table, grants=grants)

    def relay(table: str, command: str, columns: str = "") -> list[str]:
        return open_to("tracking", table, "relay", command=command, columns=columns)

    return [
        *guarded("link", "SELECT, INSERT"),
        *guarded("link_code", "SELECT, INSERT"),
        *relay("link_code", "SELECT"),
        *guarded("click", "SELECT"),
        *force_only("tracking", "click_default"),
        *open_to("tracking", "click", "recorder", command="INSERT"),
        *guarded("connection", "SELECT, INSERT, UPDATE"),
        *guarded("connection_address", "SELECT, INSERT"),
        *relay("connection_address", "SELECT"),
        *guarded("webhook_delivery", "SELECT, UPDATE"),
        *open_to("tracking", "webhook_delivery", "recorder", command="INSERT"),
        *relay("webhook_delivery", "SELECT"),
        *relay("webhook_delivery", "UPDATE", "state, tries, due_at, claimed_until, settled_at, code, reason"),
        *relay("webhook_delivery", "DELETE"),
        *guarded("orders", "SELECT, INSERT, UPDATE"),
        *guarded("order_code", "SELECT, INSERT"),
        *guarded("known_advocate", "SELECT, INSERT"),
        *guarded("known_claim", "SELECT, INSERT"),
        *guarded("known_window", "SELECT, INSERT"),
    ]


def upgrade() -> None:
    for statement in (*toolkit_tables("tracking"), *LINKS, *CLICKS, *CONNECTIONS, *ORDERS, *KNOWN, *_tenancy()):
        op.execute(statement)
