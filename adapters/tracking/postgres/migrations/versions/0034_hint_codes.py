"""The codes of hints, a row each: what becomes known of a code finds the hints that name it.

The index on their array could not do that. Under row-level security only operators that give nothing away are asked
of an index, and `&&` is none of them: each new code and claim looked through all hints of its shop.
"""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0034"
down_revision = "tracking_0033"
branch_labels = None
depends_on = None

_CODES = "INSERT INTO tracking.hint_code SELECT shop_id, order_ref, hint_key, code FROM {}, unnest(codes) AS code"
STATEMENTS = (
    """
CREATE TABLE tracking.hint_code (
    shop_id uuid NOT NULL,
    order_ref text NOT NULL,
    hint_key bytea NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (shop_id, order_ref, hint_key, code),
    FOREIGN KEY (shop_id, order_ref, hint_key)
        REFERENCES tracking.order_hint (shop_id, order_ref, hint_key) ON DELETE CASCADE
)""",
    "CREATE INDEX hint_code_by_code ON tracking.hint_code (shop_id, code)",
    # A trigger, so that they are right whichever version of the code notes hints.
    f"""
CREATE FUNCTION tracking.keep_hint_codes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_CODES.format("come")} ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$""",
    "CREATE TRIGGER keep_codes AFTER INSERT ON tracking.order_hint REFERENCING NEW TABLE AS come"
    " FOR EACH STATEMENT EXECUTE FUNCTION tracking.keep_hint_codes()",
    # The owner of the tables reads all shops' rows here, whoever the owner is.
    "ALTER TABLE tracking.order_hint NO FORCE ROW LEVEL SECURITY",
    f"{_CODES.format('tracking.order_hint')} ON CONFLICT DO NOTHING",
    "ALTER TABLE tracking.order_hint FORCE ROW LEVEL SECURITY",
    "DROP INDEX tracking.order_hint_codes",
    *protect("tracking", "hint_code", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
