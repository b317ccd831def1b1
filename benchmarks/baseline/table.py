"""The table of the baseline that inserts one row."""

from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid

one_row = Table(
    "one_row",
    MetaData(),
    Column("row_id", Uuid, primary_key=True),
    Column("shop_id", Uuid),
    Column("code", Text),
    Column("stored_at", DateTime(timezone=True)),
    schema="baseline",
)
CREATE = """
CREATE SCHEMA IF NOT EXISTS baseline;
CREATE TABLE IF NOT EXISTS baseline.one_row (
    row_id uuid PRIMARY KEY, shop_id uuid NOT NULL, code text NOT NULL, stored_at timestamptz NOT NULL
)
"""
