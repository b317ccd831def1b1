"""The tables of shops, keys and the audit log, as SQLAlchemy Core sees them."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, LargeBinary, MetaData, Table, Text, Uuid

metadata = MetaData()

shop = Table(
    "shop",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("revision", BigInteger),
    Column("slug", Text),
    Column("title", Text),
    Column("country", Text),
    Column("currency", Text),
    Column("locales", ARRAY(Text)),
    Column("default_locale", Text),
    Column("time_zone", Text),
    Column("test_mode", Boolean),
    Column("clock_offset_s", BigInteger),
    Column("storefront_url", Text),
    Column("logo_url", Text),
    Column("colour", Text),
    Column("colour_text", Text),
    Column("opened_at", DateTime(timezone=True)),
)

shop_slug = Table(
    "shop_slug",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("shop_id", Uuid),
)

api_key = Table(
    "api_key",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("key_id", Uuid, primary_key=True),
    Column("kind", Text),
    Column("label", Text),
    Column("scopes", ARRAY(Text)),
    Column("hint", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
)

key_lookup = Table(
    "key_lookup",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True),
    Column("shop_id", Uuid),
    Column("key_id", Uuid),
    Column("kind", Text),
    Column("scopes", ARRAY(Text)),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True)),
    Column("actor_kind", Text),
    Column("actor_id", Text),
    Column("action", Text),
    Column("subject", Text),
    Column("details", Text),
    Column("seal", LargeBinary),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("position", BigInteger),
    Column("seal", LargeBinary),
)
