"""Domains of shops, links with paths, rules and times, and what a click says of device, country and visit."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect

revision = "tracking_0005"
down_revision = "tracking_0004"
branch_labels = None
depends_on = None

LINKS = (
    """
ALTER TABLE tracking.link
    ADD COLUMN title text NOT NULL DEFAULT '' CHECK (length(title) <= 200),
    ADD COLUMN vanity text CHECK (length(vanity) BETWEEN 1 AND 64),
    ADD COLUMN plan json,
    ADD COLUMN version int NOT NULL DEFAULT 1 CHECK (version > 0)""",
    "GRANT UPDATE (title, vanity, plan, version, destination, programme_id) ON tracking.link TO grapevine_tracking",
    # The lookup carries what a redirect needs: the plan, and the programme whose window says how long a click counts.
    "ALTER TABLE tracking.link_code ADD COLUMN plan json, ADD COLUMN programme_id uuid",
    "UPDATE tracking.link_code c SET programme_id = l.programme_id"
    " FROM tracking.link l WHERE l.shop_id = c.shop_id AND l.link_id = c.link_id",
    "GRANT UPDATE (destination, plan, programme_id) ON tracking.link_code TO grapevine_tracking",
    """
CREATE TABLE tracking.link_path (
    shop_id uuid NOT NULL,
    path text NOT NULL CHECK (length(path) BETWEEN 1 AND 64),
    link_id uuid NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (shop_id, path),
    UNIQUE (shop_id, link_id)
)""",
)

DOMAINS = (
    """
CREATE TABLE tracking.shop_domain (
    shop_id uuid NOT NULL,
    domain_id uuid NOT NULL,
    host text NOT NULL CHECK (length(host) BETWEEN 3 AND 253),
    token text NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'verified')),
    proof text CHECK (proof IN ('dns', 'file', 'meta')),
    serves_links boolean NOT NULL DEFAULT false,
    added_at timestamptz NOT NULL,
    checked_at timestamptz,
    verified_at timestamptz,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (shop_id, domain_id),
    UNIQUE (shop_id, host),
    CHECK ((state = 'verified') = (verified_at IS NOT NULL)),
    CHECK (state = 'verified' OR NOT serves_links)
)""",
    # Cross-shop lookup: whose links live on a host must be known before the shop is.
    """
CREATE TABLE tracking.link_host (
    host text PRIMARY KEY,
    shop_id uuid NOT NULL
)""",
)

CLICKS = (
    """
ALTER TABLE tracking.click
    ADD COLUMN device text NOT NULL DEFAULT 'other' CHECK (device IN ('phone', 'tablet', 'desktop', 'other')),
    ADD COLUMN country text CHECK (length(country) = 2),
    ADD COLUMN click_ids json,
    ADD COLUMN agent_hash bigint NOT NULL DEFAULT 0,
    ADD COLUMN visit boolean,
    ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id()""",
    "COMMENT ON COLUMN tracking.click.visit IS"
    " 'The click begins a visit; NULL until that is settled. Count clicks once this is not NULL.'",
    "COMMENT ON COLUMN tracking.click.tx IS"
    " 'The transaction that wrote the click or settled its visit; read below pg_snapshot_xmin to miss none.'",
    "CREATE INDEX click_unsettled ON tracking.click (recorded_at) WHERE visit IS NULL",
)


def _tenancy() -> list[str]:
    def relay(table: str, command: str, columns: str = "") -> list[str]:
        return open_to("tracking", table, "relay", command=command, columns=columns)

    return [
        *protect("tracking", "link_path", grants="SELECT, INSERT, DELETE"),
        *relay("link_path", "SELECT"),
        *protect("tracking", "shop_domain", grants="SELECT, INSERT, UPDATE, DELETE"),
        *relay("shop_domain", "SELECT", "shop_id, host, state"),
        *protect("tracking", "link_host", grants="SELECT, INSERT, DELETE"),
        *relay("link_host", "SELECT"),
        *relay("known_window", "SELECT", "shop_id, programme_id, days"),
        *relay("click", "SELECT", "shop_id, click_id, recorded_at, link_id, visitor, address_hash, agent_hash, visit"),
        *relay("click", "UPDATE", "visit, tx"),
    ]


def upgrade() -> None:
    for statement in (*LINKS, *DOMAINS, *CLICKS, *_tenancy()):
        op.execute(statement)
