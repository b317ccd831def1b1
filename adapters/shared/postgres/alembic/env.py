"""Alembic's entry: runs one context's migrations on the connection that `migrate.py` opened."""

from alembic import context

_connection = context.config.attributes["connection"]
_schema = context.config.attributes["context"]

context.configure(
    connection=_connection,
    version_table="alembic_version",
    version_table_schema=_schema,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
_connection.commit()
