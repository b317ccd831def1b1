"""Tracking's tables as SQLAlchemy Core sees them, for reads and rare writes. Hot paths speak psycopg."""

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    cast,
)

metadata = MetaData()
_moment = DateTime(timezone=True)

link = Table(
    "link",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("link_id", Uuid, primary_key=True),
    Column("code", Text),
    Column("destination", Text),
    Column("advocate_id", Uuid),
    Column("programme_id", Uuid),
    Column("advocate_code", Text),
    Column("created_at", _moment),
    Column("title", Text),
    Column("vanity", Text),
    Column("plan", JSON),
    Column("version", Integer),
)

shop_domain = Table(
    "shop_domain",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("domain_id", Uuid, primary_key=True),
    Column("host", Text),
    Column("token", Text),
    Column("state", Text),
    Column("proof", Text),
    Column("serves_links", Boolean),
    Column("added_at", _moment),
    Column("checked_at", _moment),
    Column("verified_at", _moment),
    Column("reason", Text),
)

connection = Table(
    "connection",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("connection_id", Uuid, primary_key=True),
    Column("kind", Text),
    Column("title", Text),
    Column("secrets", ARRAY(Text)),
    Column("created_at", _moment),
    Column("account", Text),
    Column("api_token", Text),
    Column("enabled", Boolean),
    Column("version", Integer),
    Column("sealed", Boolean),
)

connection_health = Table(
    "connection_health",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("connection_id", Uuid, primary_key=True),
)

connection_day = Table(
    "connection_day",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("connection_id", Uuid, primary_key=True),
)

connection_address = Table(
    "connection_address",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("shop_id", Uuid),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("connection_id", Uuid, primary_key=True),
    Column("delivery_key", Text, primary_key=True),
    Column("topic", Text),
    Column("received_at", _moment),
    Column("state", Text),
    Column("tries", Integer),
    Column("body", LargeBinary),
)

orders = Table(
    "orders",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("order_id", Uuid, primary_key=True),
    Column("platform", Text),
    Column("external_id", Text),
    Column("revision", Integer),
    Column("facts", Text),
    Column("decided", Text),
    Column("number", Text),
    Column("placed_at", _moment),
    Column("payment", Text),
    Column("cancelled_at", _moment),
    Column("test", Boolean),
    Column("currency", Text),
    Column("total_minor", BigInteger),
    Column("base_minor", BigInteger),
    Column("final_base_minor", BigInteger),
    Column("customer_id", Uuid),
    Column("first_order", Boolean),
)

facts_text = cast(orders.c.facts, Text).label("facts_text")
decided_text = cast(orders.c.decided, Text).label("decided_text")

click = Table(
    "click",
    metadata,
    Column("shop_id", Uuid, primary_key=True),
    Column("click_id", Uuid, primary_key=True),
    Column("recorded_at", _moment, primary_key=True),
    Column("clicked_at", _moment),
    Column("link_id", Uuid),
    Column("visitor", Text),
    Column("query", LargeBinary),
    Column("utm_source", Text),
    Column("utm_medium", Text),
    Column("utm_campaign", Text),
    Column("utm_term", Text),
    Column("utm_content", Text),
    Column("utm_id", Text),
    Column("referrer_host", Text),
    Column("language", Text),
    Column("device", Text),
    Column("country", Text),
    Column("click_ids", JSON),
    Column("visit", Boolean),
)
