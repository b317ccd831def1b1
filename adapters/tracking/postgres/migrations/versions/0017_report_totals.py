"""What two reports read most rows for: hours of all programmes together, and who bought by day.

Triggers keep them with the roll-ups that they sum up, so they are right whichever version of the code counts.
"""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect

revision = "tracking_0017"
down_revision = "tracking_0016"
branch_labels = None
depends_on = None

SHOWN = (
    "enrolled", "shares", "clicks", "visits", "bots", "previews", "claims", "orders", "cancelled", "new_orders",
    "base_minor", "final_base_minor", "approved", "reward_minor",
)  # fmt: skip
BOUGHT = ("orders", "cancelled", "new_orders", "base_minor", "final_base_minor")
# Rows are counted up in place: room on the page keeps an update off the indexes.
_COUNTED_UP = "WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 2000)"
_SHOWN = ", ".join(SHOWN)
_BUYING = tuple(f"{group}_{measure}" for group in ("referred", "campaign", "other") for measure in BOUGHT)


def _table(name: str, key: str, kind: str, measures: tuple[str, ...]) -> str:
    counters = ",\n    ".join(f"{measure} bigint NOT NULL DEFAULT 0" for measure in measures)
    return f"""
CREATE TABLE tracking.{name} (
    shop_id uuid NOT NULL,
    {key} {kind} NOT NULL,
    {counters},
    PRIMARY KEY (shop_id, {key})
) {_COUNTED_UP}"""


def _add(table: str, key: str, measures: tuple[str, ...], select: str) -> str:
    added = ", ".join(f"{measure} = t.{measure} + excluded.{measure}" for measure in measures)
    return (
        f"INSERT INTO tracking.{table} AS t (shop_id, {key}, {', '.join(measures)}) {select}"
        f" ON CONFLICT (shop_id, {key}) DO UPDATE SET {added}"
    )


def _hours(rows: str) -> str:
    sums = ", ".join(f"sum(n.{measure})::bigint" for measure in SHOWN)
    return _add("report_hour_total", "hour", SHOWN, f"SELECT shop_id, hour, {sums} FROM ({rows}) n GROUP BY 1, 2")


def _function(name: str, body: str) -> str:
    return f"""
CREATE FUNCTION tracking.{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {body};
    RETURN NULL;
END $$"""


_COME = f"SELECT shop_id, hour, {_SHOWN} FROM come"
_GONE = f"SELECT shop_id, hour, {', '.join(f'-{measure} AS {measure}' for measure in SHOWN)} FROM gone"
HOURS = (
    _table("report_hour_total", "hour", "timestamptz", SHOWN),
    _function("total_new_hours", _hours(_COME)),
    _function("total_changed_hours", _hours(f"{_COME} UNION ALL {_GONE}")),
    _function("total_gone_hours", _hours(_GONE)),
    "CREATE TRIGGER total_new AFTER INSERT ON tracking.report_hour REFERENCING NEW TABLE AS come"
    " FOR EACH STATEMENT EXECUTE FUNCTION tracking.total_new_hours()",
    "CREATE TRIGGER total_changed AFTER UPDATE ON tracking.report_hour REFERENCING NEW TABLE AS come OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION tracking.total_changed_hours()",
    "CREATE TRIGGER total_gone AFTER DELETE ON tracking.report_hour REFERENCING OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION tracking.total_gone_hours()",
    _hours(f"SELECT shop_id, hour, {_SHOWN} FROM tracking.report_hour"),
)


def _bought(row: str) -> list[str]:
    """What a row of report_day says of each of `_BUYING`: zero, unless the row is of that group."""
    groups = {
        "referred": f"{row}.dimension = 'credit' AND {row}.value = 'advocate'",
        "campaign": f"{row}.dimension = 'credit' AND {row}.value = 'campaign'",
        "other": f"{row}.dimension = 'all'",
    }
    names = {"referred": "{}", "campaign": "{}", "other": "other_{}"}
    return [
        f"CASE WHEN {condition} THEN {row}.{names[group].format(measure)} ELSE 0 END"
        for group, condition in groups.items()
        for measure in BOUGHT
    ]


def _differs() -> str:
    """Whether an update of a row of report_day changed what was bought."""
    new, old = (
        ", ".join(f"{row}.{prefix}{measure}" for prefix in ("", "other_") for measure in BOUGHT)
        for row in ("NEW", "OLD")
    )
    return f"NEW.dimension IN ('all', 'credit') AND ({new}) IS DISTINCT FROM ({old})"


_KEY = "coalesce(NEW.shop_id, OLD.shop_id), coalesce(NEW.day, OLD.day)"
_DIFFERENCE = ", ".join(
    f"coalesce({new}, 0) - coalesce({old}, 0)" for new, old in zip(_bought("NEW"), _bought("OLD"), strict=True)
)
_SUMS = ", ".join(f"sum({one})::bigint" for one in _bought("d"))
_BUYERS = "EXECUTE FUNCTION tracking.total_buying()"
BUYING = (
    _table("report_buying", "day", "date", _BUYING),
    # In a trigger for inserts OLD is null, in one for deletes NEW is.
    _function("total_buying", _add("report_buying", "day", _BUYING, f"VALUES ({_KEY}, {_DIFFERENCE})")),
    "CREATE TRIGGER total_new AFTER INSERT ON tracking.report_day FOR EACH ROW"
    f" WHEN (NEW.dimension IN ('all', 'credit')) {_BUYERS}",
    f"CREATE TRIGGER total_changed AFTER UPDATE ON tracking.report_day FOR EACH ROW WHEN ({_differs()}) {_BUYERS}",
    "CREATE TRIGGER total_gone AFTER DELETE ON tracking.report_day FOR EACH ROW"
    f" WHEN (OLD.dimension IN ('all', 'credit')) {_BUYERS}",
    _add(
        "report_buying", "day", _BUYING,
        f"SELECT shop_id, day, {_SUMS} FROM tracking.report_day d WHERE dimension IN ('all', 'credit') GROUP BY 1, 2",
    ),
)  # fmt: skip


def upgrade() -> None:
    tables = ("report_hour_total", "report_buying")
    kept = ("SELECT", "INSERT", "UPDATE")
    tenancy = [
        *(s for table in tables for s in protect("tracking", table, grants="SELECT")),
        *(s for table in tables for c in kept for s in open_to("tracking", table, "relay", command=c)),
    ]
    # The owner of the tables reads all shops' rows here, whoever the owner is.
    forced = ("report_hour", "report_day")
    let = [f"ALTER TABLE tracking.{table} NO FORCE ROW LEVEL SECURITY" for table in forced]
    force = [f"ALTER TABLE tracking.{table} FORCE ROW LEVEL SECURITY" for table in forced]
    for statement in (*let, *HOURS, *BUYING, *force, *tenancy):
        op.execute(statement)
