"""Shops, API keys, the customer vault and the audit log."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect, toolkit_tables
from adapters.shared.postgres.roles import role

revision = "shops_0001"
down_revision = None
branch_labels = None
depends_on = None

LOCALE = "IN ('de', 'nl', 'fr', 'it', 'da', 'fi', 'nb', 'sv', 'en')"

SHOP = f"""
CREATE TABLE shops.shop (
    shop_id uuid PRIMARY KEY,
    revision bigint NOT NULL CHECK (revision > 0),
    slug text NOT NULL CHECK (length(slug) BETWEEN 1 AND 63),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 100),
    country text NOT NULL CHECK (country IN ('AT', 'BE', 'CH', 'DE', 'DK', 'FI', 'FR', 'IT', 'NL', 'NO', 'SE')),
    currency text NOT NULL CHECK (currency IN ('EUR', 'CHF', 'DKK', 'NOK', 'SEK')),
    locales text[] NOT NULL CHECK (cardinality(locales) > 0),
    default_locale text NOT NULL CHECK (default_locale {LOCALE} AND default_locale = ANY (locales)),
    time_zone text NOT NULL,
    test_mode boolean NOT NULL,
    clock_offset_s bigint NOT NULL CHECK (clock_offset_s >= 0),
    storefront_url text NOT NULL CHECK (length(storefront_url) <= 500),
    logo_url text NOT NULL CHECK (length(logo_url) <= 500),
    colour text NOT NULL CHECK (colour ~ '^#[0-9a-f]{{6}}$'),
    colour_text text NOT NULL CHECK (colour_text ~ '^#[0-9a-f]{{6}}$'),
    opened_at timestamptz NOT NULL,
    CHECK (test_mode OR clock_offset_s = 0)
)"""

SHOP_SLUG = """
CREATE TABLE shops.shop_slug (
    slug text PRIMARY KEY,
    shop_id uuid NOT NULL REFERENCES shops.shop (shop_id)
)"""

API_KEY = """
CREATE TABLE shops.api_key (
    shop_id uuid NOT NULL REFERENCES shops.shop (shop_id),
    key_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('secret', 'publishable')),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    scopes text[] NOT NULL,
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (shop_id, key_id),
    CHECK ((kind = 'secret') = (cardinality(scopes) > 0))
)"""

KEY_LOOKUP = """
CREATE TABLE shops.key_lookup (
    fingerprint bytea PRIMARY KEY CHECK (length(fingerprint) = 32),
    shop_id uuid NOT NULL,
    key_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('secret', 'publishable')),
    scopes text[] NOT NULL,
    FOREIGN KEY (shop_id, key_id) REFERENCES shops.api_key (shop_id, key_id)
)"""

# Before a shop is known a key is found by the hash that the transaction names, and by nothing else: no list of keys.
BY_FINGERPRINT = f"""
CREATE POLICY by_fingerprint ON shops.key_lookup FOR SELECT TO {role("shops", "relay")}
USING (fingerprint = decode(nullif(current_setting('app.key_fingerprint', true), ''), 'hex'))"""

CUSTOMER = f"""
CREATE TABLE shops.customer (
    shop_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    reference text CHECK (length(reference) BETWEEN 1 AND 200),
    email text CHECK (length(email) BETWEEN 3 AND 254),
    first_name text NOT NULL CHECK (length(first_name) <= 200),
    last_name text NOT NULL CHECK (length(last_name) <= 200),
    locale text CHECK (locale {LOCALE}),
    phone text CHECK (length(phone) BETWEEN 1 AND 40),
    leads boolean NOT NULL,
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    PRIMARY KEY (shop_id, customer_id),
    CHECK (leads OR reference IS NOT NULL OR erased_at IS NOT NULL),
    CHECK (erased_at IS NULL
        OR (reference IS NULL AND email IS NULL AND first_name = '' AND last_name = '' AND phone IS NULL))
)"""

AUDIT_ENTRY = """
CREATE TABLE shops.audit_entry (
    shop_id uuid NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    at timestamptz NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('operator', 'key', 'system')),
    actor_id text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details text NOT NULL,
    seal bytea NOT NULL CHECK (length(seal) = 32),
    PRIMARY KEY (shop_id, position)
)"""

AUDIT_HEAD = """
CREATE TABLE shops.audit_head (
    shop_id uuid PRIMARY KEY,
    position bigint NOT NULL,
    seal bytea NOT NULL
)"""

APPEND_ONLY = """
CREATE FUNCTION shops.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$"""

APPEND_ONLY_TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON shops.audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION shops.refuse_change()"""

STATEMENTS = [
    *toolkit_tables("shops"),
    SHOP,
    *protect("shops", "shop", grants="SELECT, INSERT, UPDATE"),
    SHOP_SLUG,
    *protect("shops", "shop_slug", grants="INSERT"),
    *open_to("shops", "shop_slug", "relay", command="SELECT"),
    API_KEY,
    *protect("shops", "api_key", grants="SELECT, INSERT, UPDATE"),
    KEY_LOOKUP,
    *protect("shops", "key_lookup", grants="SELECT, INSERT, DELETE"),
    BY_FINGERPRINT,
    f"GRANT SELECT ON shops.key_lookup TO {role('shops', 'relay')}",
    CUSTOMER,
    "CREATE UNIQUE INDEX customer_reference ON shops.customer (shop_id, reference) WHERE reference IS NOT NULL",
    "CREATE UNIQUE INDEX customer_leads ON shops.customer (shop_id, person_id) WHERE leads",
    "CREATE INDEX customer_person ON shops.customer (shop_id, person_id)",
    *protect("shops", "customer", grants="SELECT, INSERT, UPDATE"),
    AUDIT_ENTRY,
    APPEND_ONLY,
    APPEND_ONLY_TRIGGER,
    *protect("shops", "audit_entry", grants="SELECT, INSERT"),
    AUDIT_HEAD,
    *protect("shops", "audit_head", grants="SELECT, INSERT, UPDATE"),
]


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
