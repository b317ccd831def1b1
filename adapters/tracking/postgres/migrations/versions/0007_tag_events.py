"""Events of the tag, what shops decided about their tag, what was refused, and which visitor is which customer."""

from alembic import op

from adapters.shared.postgres.ddl import force_only, open_to, protect

revision = "tracking_0007"
down_revision = "tracking_0006"
branch_labels = None
depends_on = None

EVENTS = (
    # `at` is part of the key because a partitioned table's key must hold what it is partitioned by: the tag sends an
    # event again with the same id and the same time.
    """
CREATE TABLE tracking.tag_event (
    shop_id uuid NOT NULL,
    event_id uuid NOT NULL,
    at timestamptz NOT NULL,
    happened_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    name text NOT NULL
        CHECK (name IN ('page', 'purchase', 'sign_up', 'share', 'track', 'refund', 'identify', 'consent')),
    by text NOT NULL CHECK (by IN ('person', 'bot', 'preview')),
    device text NOT NULL CHECK (device IN ('phone', 'tablet', 'desktop', 'other')),
    address_hash bytea NOT NULL,
    visitor text,
    click_id uuid,
    claim_id uuid,
    page text,
    referrer text,
    title text,
    consent json,
    data json,
    due_at timestamptz,
    tries int NOT NULL DEFAULT 0,
    outcome text,
    PRIMARY KEY (shop_id, event_id, at)
) PARTITION BY RANGE (at)""",
    "CREATE INDEX tag_event_received ON tracking.tag_event (shop_id, received_at)",
    "CREATE INDEX tag_event_due ON tracking.tag_event (due_at) WHERE due_at IS NOT NULL",
    "CREATE TABLE tracking.tag_event_default PARTITION OF tracking.tag_event DEFAULT",
    # As with clicks: only the owner can make and drop partitions, so one function without arguments borrows its rights.
    """
CREATE FUNCTION tracking.keep_tag_event_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '3s'
AS $$
DECLARE
    month date;
    name text;
    changed int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(4717);
    FOR ahead IN -1..3 LOOP
        month := (date_trunc('month', now()) + make_interval(months => ahead))::date;
        name := 'tag_event_' || to_char(month, 'YYYYMM');
        CONTINUE WHEN to_regclass('tracking.' || name) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE tracking.%I PARTITION OF tracking.tag_event FOR VALUES FROM (%L) TO (%L)',
                           name, month, (month + interval '1 month')::date);
            EXECUTE format('ALTER TABLE tracking.%I ENABLE ROW LEVEL SECURITY', name);
            EXECUTE format('ALTER TABLE tracking.%I FORCE ROW LEVEL SECURITY', name);
            changed := changed + 1;
        EXCEPTION WHEN check_violation THEN
            NULL;  -- the default partition already holds events of that month; they stay there
        END;
    END LOOP;
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'tracking.tag_event'::regclass AND c.relname ~ '^tag_event_[0-9]{6}$'
          AND c.relname < 'tag_event_' || to_char(now() - interval '13 months', 'YYYYMM')
    LOOP
        EXECUTE format('DROP TABLE tracking.%I', name);
        changed := changed + 1;
    END LOOP;
    RETURN changed;
END $$""",
    "REVOKE ALL ON FUNCTION tracking.keep_tag_event_partitions() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION tracking.keep_tag_event_partitions() TO grapevine_tracking_relay",
    "SELECT tracking.keep_tag_event_partitions()",
)

SETTINGS = (
    """
CREATE TABLE tracking.tag_settings (
    shop_id uuid PRIMARY KEY,
    turned_on boolean NOT NULL,
    cookie_days int NOT NULL CHECK (cookie_days BETWEEN 1 AND 400),
    hosts text[] NOT NULL CHECK (cardinality(hosts) <= 20),
    consent json NOT NULL,
    identify_secrets text[] NOT NULL CHECK (cardinality(identify_secrets) <= 2),
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
)""",
    """
CREATE TABLE tracking.tag_refusal (
    shop_id uuid NOT NULL,
    code text NOT NULL,
    count bigint NOT NULL,
    last_at timestamptz NOT NULL,
    pointer text NOT NULL,
    host text NOT NULL,
    PRIMARY KEY (shop_id, code)
)""",
    """
CREATE TABLE tracking.tag_visitor (
    shop_id uuid NOT NULL,
    visitor text NOT NULL,
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    identified_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, visitor)
)""",
    "CREATE INDEX tag_visitor_customer ON tracking.tag_visitor (shop_id, customer_id)",
)


def _tenancy() -> list[str]:
    return [
        *protect("tracking", "tag_event", grants="SELECT, UPDATE"),
        *force_only("tracking", "tag_event_default"),
        *open_to("tracking", "tag_event", "recorder", command="INSERT"),
        *open_to("tracking", "tag_event", "recorder", command="SELECT", columns="shop_id, event_id"),
        *open_to("tracking", "tag_event", "relay", command="SELECT", columns="shop_id, due_at"),
        *protect("tracking", "tag_settings", grants="SELECT, INSERT, UPDATE"),
        *protect("tracking", "tag_refusal", grants="SELECT"),
        *(s for c in ("SELECT", "INSERT", "UPDATE") for s in open_to("tracking", "tag_refusal", "relay", command=c)),
        *protect("tracking", "tag_visitor"),
    ]


def upgrade() -> None:
    for statement in (*EVENTS, *SETTINGS, *_tenancy()):
        op.execute(statement)
