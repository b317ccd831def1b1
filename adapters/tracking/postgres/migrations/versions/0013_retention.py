"""How long shops keep what says who bought what, and what each run of it came to."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0013"
down_revision = "tracking_0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.retention (
    shop_id uuid PRIMARY KEY,
    orders_months int NOT NULL CHECK (orders_months BETWEEN 14 AND 120),
    clicks_months int NOT NULL CHECK (clicks_months BETWEEN 14 AND 120)
)""",
    """
CREATE TABLE tracking.retention_run (
    shop_id uuid NOT NULL,
    ran_at timestamptz NOT NULL,
    orders bigint NOT NULL,
    clicks bigint NOT NULL,
    PRIMARY KEY (shop_id, ran_at)
)""",
    *protect("tracking", "retention", grants="SELECT, INSERT, UPDATE"),
    *protect("tracking", "retention_run", grants="SELECT, INSERT"),
    "GRANT DELETE ON tracking.order_code, tracking.order_hint, tracking.click TO grapevine_tracking",
    # Partitions can only be dropped by the tables' owner. A file of no bytes holds no row of any shop; a month is only
    # looked at when every shop may have emptied it. Who waits for the lock makes redirects wait, so it gives up soon.
    """
CREATE FUNCTION tracking.drop_empty_click_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms'
AS $$
DECLARE
    part text;
    dropped int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(4716);
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'tracking.click'::regclass AND c.relname ~ '^click_[0-9]{6}$' ORDER BY c.relname
    LOOP
        CONTINUE WHEN to_date(right(part, 6), 'YYYYMM') + interval '15 months' > now();
        CONTINUE WHEN pg_relation_size(format('tracking.%I', part)::regclass) > 0;
        BEGIN
            EXECUTE format('LOCK TABLE tracking.%I IN ACCESS EXCLUSIVE MODE', part);
            CONTINUE WHEN pg_relation_size(format('tracking.%I', part)::regclass) > 0;
            EXECUTE format('DROP TABLE tracking.%I', part);
            dropped := dropped + 1;
        EXCEPTION WHEN lock_not_available THEN
            NULL;  -- tomorrow
        END;
    END LOOP;
    RETURN dropped;
END $$""",
    "REVOKE ALL ON FUNCTION tracking.drop_empty_click_partitions() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION tracking.drop_empty_click_partitions() TO grapevine_tracking_relay",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
