"""Statements for migrations: tenancy for a table, and the tables that every context's toolkits need.

A migration that has run must mean the same for ever: functions here are only added to, never changed in meaning.
"""

from pgqueuer.adapters.persistence import schema_ddl

from adapters.shared.postgres.roles import role
from adapters.shared.queue.job_tables import job_settings


def protect(context: str, table: str, *, grants: str = "SELECT, INSERT, UPDATE, DELETE") -> list[str]:
    """Force row-level security on a table with a `shop_id`: the context's role sees the shop of its transaction."""
    return [
        f"ALTER TABLE {context}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {context}.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON {context}.{table} TO {role(context)}"
        f" USING (shop_id = (SELECT {context}.current_shop()))"
        f" WITH CHECK (shop_id = (SELECT {context}.current_shop()))",
        f"GRANT {grants} ON {context}.{table} TO {role(context)}",
    ]


def open_to(context: str, table: str, suffix: str, *, command: str, columns: str = "") -> list[str]:
    """Let a helper role ("relay", "recorder" or "" for the context's own) use one command on all shops' rows.

    `columns` narrows the grant ("shop_id, state"). Use it for sweeps, relays, group commits and lookup tables.
    """
    check = "WITH CHECK (true)" if command == "INSERT" else "USING (true)"
    name = f"{suffix or 'all'}_{command.lower()}"
    narrowed = f" ({columns})" if columns else ""
    return [
        f"CREATE POLICY {name} ON {context}.{table} FOR {command} TO {role(context, suffix)} {check}",
        f"GRANT {command}{narrowed} ON {context}.{table} TO {role(context, suffix)}",
    ]


def force_only(context: str, table: str) -> list[str]:
    """Force row-level security without a policy: nobody sees anything until `open_to` says so."""
    return [
        f"ALTER TABLE {context}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {context}.{table} FORCE ROW LEVEL SECURITY",
    ]


def current_shop(context: str) -> str:
    return f"""
CREATE FUNCTION {context}.current_shop() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE shop text := nullif(current_setting('app.shop_id', true), '');
BEGIN
    IF shop IS NULL THEN
        RAISE EXCEPTION 'no shop is set in this transaction' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN shop::uuid;
END $$"""


def toolkit_tables(context: str) -> list[str]:
    """First statements of every context's first migration: shop facts, queue between contexts, idempotency, jobs."""
    return [
        current_shop(context),
        f"""
CREATE TABLE {context}.known_shop (
    shop_id uuid PRIMARY KEY,
    revision bigint NOT NULL,
    slug text NOT NULL,
    clock_offset_s bigint NOT NULL,
    facts json NOT NULL
)""",
        *protect(context, "known_shop", grants="SELECT, INSERT, UPDATE"),
        *open_to(context, "known_shop", "relay", command="SELECT"),
        f"""
CREATE TABLE {context}.outbox (
    shop_id uuid NOT NULL,
    event_id uuid NOT NULL,
    name text NOT NULL,
    version int NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    payload json NOT NULL,
    PRIMARY KEY (shop_id, event_id)
)""",
        f"CREATE INDEX outbox_recorded ON {context}.outbox (recorded_at)",
        *protect(context, "outbox", grants="SELECT, INSERT"),
        *open_to(context, "outbox", "relay", command="SELECT"),
        *open_to(context, "outbox", "relay", command="DELETE"),
        f"""
CREATE TABLE {context}.delivery (
    shop_id uuid NOT NULL,
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    tries int NOT NULL DEFAULT 0,
    available_at timestamptz NOT NULL DEFAULT now(),
    parked_at timestamptz,
    last_error text,
    PRIMARY KEY (shop_id, event_id, subscriber),
    FOREIGN KEY (shop_id, event_id) REFERENCES {context}.outbox (shop_id, event_id)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000)""",
        f"CREATE INDEX delivery_due ON {context}.delivery (available_at) WHERE parked_at IS NULL",
        f"CREATE INDEX delivery_parked ON {context}.delivery (parked_at) WHERE parked_at IS NOT NULL",
        *protect(context, "delivery", grants="INSERT"),
        *(s for c in ("SELECT", "UPDATE", "DELETE") for s in open_to(context, "delivery", "relay", command=c)),
        f"""
CREATE TABLE {context}.inbox (
    shop_id uuid NOT NULL,
    event_id uuid NOT NULL,
    handler text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, event_id, handler)
)""",
        f"CREATE INDEX inbox_received ON {context}.inbox USING brin (received_at)",
        *protect(context, "inbox", grants="SELECT, INSERT"),
        *open_to(context, "inbox", "relay", command="SELECT"),
        *open_to(context, "inbox", "relay", command="DELETE"),
        f"""
CREATE TABLE {context}.idempotency_key (
    shop_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    status int NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (shop_id, key)
)""",
        f"CREATE INDEX idempotency_key_stored ON {context}.idempotency_key USING brin (stored_at)",
        *protect(context, "idempotency_key", grants="SELECT, INSERT"),
        *open_to(context, "idempotency_key", "relay", command="SELECT"),
        *open_to(context, "idempotency_key", "relay", command="DELETE"),
        *job_tables(context),
    ]


def deliveries_by_subscriber(context: str) -> list[str]:
    """Let what one subscriber waits for be found without a look at what waits for others."""
    return [
        f"CREATE INDEX delivery_next ON {context}.delivery (subscriber, available_at) WHERE parked_at IS NULL",
        f"DROP INDEX {context}.delivery_due",
    ]


def leased_deliveries(context: str) -> list[str]:
    """Let a delivery be leased by a change of its row alone: to no indexed column, and with room for it on its page."""
    return [
        f"ALTER TABLE {context}.delivery ADD COLUMN leased_until timestamptz",
        f"ALTER TABLE {context}.delivery SET (fillfactor = 60)",
    ]


def unbound_deliveries(context: str) -> list[str]:
    """Let a delivery be stored without a look at its fact, which the same statement stores, and a lock on it.

    A fact is dropped only when no delivery of it is left (see `adapters.shared.queue.purge`).
    """
    return [f"ALTER TABLE {context}.delivery DROP CONSTRAINT delivery_shop_id_event_id_fkey"]


def bundled_deliveries(context: str) -> list[str]:
    """Let a delivery carry further facts of its transaction, and let the relay make one for each that fails."""
    return [
        f"ALTER TABLE {context}.delivery ADD COLUMN further uuid[]",
        *open_to(context, "delivery", "relay", command="INSERT"),
    ]


def job_tables(context: str) -> list[str]:
    """PgQueuer's own tables in the context's schema. They hold no tenant's data beyond a shop id in a job's payload."""
    settings = job_settings(context)
    statements = [schema_ddl.render_install(settings, create_schema=False)]
    for table in ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"):
        statements += [
            *force_only(context, table),
            f"CREATE POLICY jobs ON {context}.{table} TO {role(context)} USING (true) WITH CHECK (true)",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {context}.{table} TO {role(context)}",
        ]
    statements.append(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {context} TO {role(context)}")
    return statements
