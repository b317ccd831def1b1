"""How long events of the tag are kept is each shop's choice, too: months are dropped when nobody has one any more."""

from alembic import op

revision = "tracking_0032"
down_revision = "tracking_0031"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE tracking.retention ADD COLUMN events_months int NOT NULL DEFAULT 13"
    " CHECK (events_months BETWEEN 2 AND 120)",
    "ALTER TABLE tracking.retention_run ADD COLUMN events bigint NOT NULL DEFAULT 0",
    "GRANT DELETE ON tracking.tag_event TO grapevine_tracking",
    "CREATE INDEX tag_visitor_identified ON tracking.tag_visitor (shop_id, identified_at)",
    # As with clicks: a file of no bytes holds no row of any shop. Who waits for the lock makes events wait, so it gives
    # up soon. A month may be reported for another month after its end, and every shop keeps it for two.
    """
CREATE OR REPLACE FUNCTION tracking.keep_tag_event_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '500ms'
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
        WHERE i.inhparent = 'tracking.tag_event'::regclass AND c.relname ~ '^tag_event_[0-9]{6}$' ORDER BY c.relname
    LOOP
        CONTINUE WHEN to_date(right(name, 6), 'YYYYMM') + interval '3 months' > now();
        CONTINUE WHEN pg_relation_size(format('tracking.%I', name)::regclass) > 0;
        BEGIN
            EXECUTE format('LOCK TABLE tracking.%I IN ACCESS EXCLUSIVE MODE', name);
            CONTINUE WHEN pg_relation_size(format('tracking.%I', name)::regclass) > 0;
            EXECUTE format('DROP TABLE tracking.%I', name);
            changed := changed + 1;
        EXCEPTION WHEN lock_not_available THEN
            NULL;  -- tomorrow
        END;
    END LOOP;
    RETURN changed;
END $$""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
