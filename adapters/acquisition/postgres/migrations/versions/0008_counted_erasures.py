"""How many customers of a shop were erased, counted as it happens.

Every web process asks for it twice a second, for all shops whose pages it has in memory, and used to count all rows.
"""

from alembic import op

revision = "acquisition_0008"
down_revision = "acquisition_0007"
branch_labels = None
depends_on = None

_TABLES = ("known_shop", "erased_customer")
STATEMENTS = (
    "ALTER TABLE acquisition.known_shop ADD COLUMN erasures bigint NOT NULL DEFAULT 0",
    # A trigger, so that it is right whichever version of the code notes erasures.
    """
CREATE FUNCTION acquisition.count_erasures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE acquisition.known_shop k SET erasures = k.erasures + e.count
    FROM (SELECT shop_id, count(*) FROM come GROUP BY shop_id) e WHERE k.shop_id = e.shop_id;
    RETURN NULL;
END $$""",
    "CREATE TRIGGER count_erasures AFTER INSERT ON acquisition.erased_customer REFERENCING NEW TABLE AS come"
    " FOR EACH STATEMENT EXECUTE FUNCTION acquisition.count_erasures()",
    # The owner of the tables reads all shops' rows here, whoever the owner is.
    *(f"ALTER TABLE acquisition.{table} NO FORCE ROW LEVEL SECURITY" for table in _TABLES),
    "UPDATE acquisition.known_shop k SET erasures = (SELECT count(*) FROM acquisition.erased_customer e"
    " WHERE e.shop_id = k.shop_id)",
    *(f"ALTER TABLE acquisition.{table} FORCE ROW LEVEL SECURITY" for table in _TABLES),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
