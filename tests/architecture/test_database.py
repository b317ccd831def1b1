"""The migrated database keeps the house rules, table by table; planted violations show that the walk sees them."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.architecture import catalogue, exceptions
from tests.architecture.rows import leaks
from tests.support.database import make_database

CHECKS = {check.__name__: check for check in catalogue.CHECKS}
SAFE = """
CREATE TABLE shops.planted (shop_id uuid PRIMARY KEY);
ALTER TABLE shops.planted ENABLE ROW LEVEL SECURITY;
ALTER TABLE shops.planted FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON shops.planted TO grapevine_shops;
"""
TENANT = "CREATE POLICY tenant ON shops.planted TO grapevine_shops USING (shop_id = (SELECT shops.current_shop()));"
WITHOUT_FORCE = SAFE.replace("ALTER TABLE shops.planted FORCE ROW LEVEL SECURITY;", "")
PLANTED = [
    ("unforced_row_security", WITHOUT_FORCE, "shops.planted: row-level security is not forced"),
    ("tables_without_shop", "CREATE TABLE shops.planted (id uuid PRIMARY KEY)", "shops.planted: has no shop_id"),
    ("tables_without_shop", "CREATE TABLE shops.planted (shop_id uuid)", "shops.planted: has no shop_id"),
    ("keys_without_shop", "CREATE TABLE shops.planted (shop_id uuid, id uuid PRIMARY KEY)", "planted_pkey does not"),
    ("keys_without_shop", "CREATE TABLE shops.planted (shop_id uuid, code text UNIQUE)", "planted_code_key does not"),
    ("keys_without_shop", f"{SAFE} CREATE UNIQUE INDEX planted_lower ON shops.planted (abs(1), shop_id)", "lower does"),
    ("keys_without_shop", "CREATE TABLE shops.planted (a uuid, shop_id uuid, FOREIGN KEY (a, shop_id)"
     " REFERENCES shops.api_key (key_id, shop_id))", "a_shop_id_fkey does not"),
    ("keys_without_shop", "CREATE TABLE shops.planted (shop_id uuid, s text REFERENCES shops.shop_slug)", "_s_fkey"),
    ("foreign_keys_out", "CREATE TABLE shops.planted (shop_id uuid REFERENCES referral.known_shop)",
     "leaves the schema"),
    ("leaky_views", "CREATE VIEW shops.planted AS SELECT * FROM shops.shop", "a view without security_invoker"),
    ("leaky_views", "CREATE MATERIALIZED VIEW shops.planted AS SELECT 1 AS x", "a materialised view"),
    ("owner_functions", "CREATE FUNCTION shops.planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
     "shops.planted(): is SECURITY DEFINER"),
    ("owner_functions", "GRANT EXECUTE ON FUNCTION tracking.make_click_partitions() TO PUBLIC", "open to abuse"),
    ("granted_partitions", "GRANT SELECT ON tracking.click_default TO grapevine_tracking", "granted directly"),
    ("powerful_roles", "ALTER ROLE grapevine_shops SUPERUSER", "grapevine_shops: may be superuser"),
    ("powerful_roles", "ALTER ROLE grapevine_shops BYPASSRLS", "grapevine_shops: may bypass"),
    ("powerful_roles", "ALTER ROLE grapevine_shops CREATEDB", "grapevine_shops: may create databases"),
    ("powerful_roles", "ALTER ROLE grapevine_shops CREATEROLE", "grapevine_shops: may create roles"),
    ("powerful_roles", "GRANT grapevine_referral TO grapevine_shops", "is a member of grapevine_referral"),
    ("powerful_roles", "GRANT CREATE ON SCHEMA shops TO grapevine_shops", "may create in schema shops"),
    ("powerful_roles", "GRANT CREATE ON SCHEMA public TO PUBLIC", "may create in schema public"),
    ("powerful_roles", f"{SAFE} ALTER TABLE shops.planted OWNER TO grapevine_shops", "owns something"),
    ("foreign_access", "GRANT USAGE ON SCHEMA referral TO grapevine_shops", "may use the schema referral"),
    ("foreign_access", "GRANT SELECT ON referral.reward TO grapevine_shops", "is granted referral.reward"),
    ("foreign_access", "GRANT SELECT (state) ON referral.reward TO grapevine_shops", "is granted referral.reward"),
    ("foreign_access", "GRANT SELECT ON shops.shop TO PUBLIC", "PUBLIC: is granted shops.shop"),
    ("open_policies", f"{SAFE} CREATE POLICY wide ON shops.planted TO grapevine_shops USING (true)",
     "policy wide opens"),
    ("open_policies", f"{SAFE} CREATE POLICY wide ON shops.planted FOR INSERT TO grapevine_shops WITH CHECK (true)",
     "policy wide opens"),
    ("open_policies", f"{SAFE} {TENANT.replace('TO grapevine_shops', '')}", "opens all shops to public"),
    ("unnamed_words", "CREATE TABLE shops.planted (shop_id uuid, state text)", "state is an enumeration"),
    ("loose_types", "CREATE TABLE shops.planted (shop_id uuid, amount_minor int)", "amount_minor is integer"),
    ("loose_types", "CREATE TABLE shops.planted (shop_id uuid, rate real)", "rate is real"),
    ("loose_types", "CREATE TABLE shops.planted (shop_id uuid, at timestamp)", "at is timestamp without time zone"),
]  # fmt: skip
LEAKS = [
    (SAFE + TENANT.replace("(shop_id = (SELECT shops.current_shop()))", "(true)"), "another shop sees the row"),
    (SAFE + TENANT.replace("(shop_id = (SELECT shops.current_shop()))", "(true)"), "another shop may UPDATE the row"),
    (SAFE + TENANT.replace("(shop_id = (SELECT shops.current_shop()))", "(true)"), "another shop may DELETE the row"),
    (SAFE + TENANT + "CREATE POLICY w ON shops.planted FOR INSERT TO grapevine_shops WITH CHECK (true)",
     "another shop may INSERT a row for this one"),
    (SAFE + TENANT.replace("(SELECT shops.current_shop())", "nullif(current_setting('app.shop_id', true), '')::uuid"),
     "asking without a shop does not raise"),
    (SAFE, "the shop itself does not see its row"),
]  # fmt: skip


@pytest.fixture(scope="module")
def migrated(database: str, worker_id: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner to a database of its own, so that planting disturbs no running app."""
    with psycopg.connect(make_database(database, f"walk_{worker_id}"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def owner(migrated: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The owner in a transaction that is undone."""
    with migrated.transaction(force_rollback=True):
        yield migrated


@pytest.mark.parametrize("check", CHECKS)
def test_the_database_keeps_the_rule(check: str, owner: psycopg.Connection) -> None:
    assert CHECKS[check](owner) == []


def test_every_context_is_there(owner: psycopg.Connection) -> None:
    schemas = {table.partition(".")[0] for table in catalogue.tables(owner)}
    assert schemas == set(catalogue.CONTEXTS)
    assert {role.split("_")[1] for role in catalogue.roles(owner)} == set(catalogue.CONTEXTS)


def test_no_shop_reaches_another_shops_rows_in_any_table(migrated: psycopg.Connection) -> None:
    walked = 0
    found = []
    for table in sorted({*catalogue.tables(migrated)} - catalogue.partitions(migrated)):
        if table.partition(".")[2] in exceptions.UNPROTECTED_TABLES | exceptions.QUEUE_TABLES:
            continue
        with migrated.transaction(force_rollback=True):
            found += leaks(migrated, table)
        walked += 1
    assert found == []
    assert walked > 50


@pytest.mark.parametrize(("check", "planted", "said"), PLANTED)
def test_the_walk_finds_what_is_planted(check: str, planted: str, said: str, owner: psycopg.Connection) -> None:
    owner.execute(planted.encode())
    found = CHECKS[check](owner)
    assert [line for line in found if said in line], found


def test_every_check_has_a_planted_violation() -> None:
    assert {check for check, *_ in PLANTED} == set(CHECKS)


@pytest.mark.parametrize(("planted", "said"), LEAKS)
def test_a_leak_is_seen(planted: str, said: str, owner: psycopg.Connection) -> None:
    owner.execute(planted.encode())
    assert f"shops.planted: {said}" in leaks(owner, "shops.planted")


def test_a_tight_table_leaks_nothing(owner: psycopg.Connection) -> None:
    owner.execute((SAFE + TENANT).encode())
    assert leaks(owner, "shops.planted") == []


def test_exceptions_say_why_and_are_still_needed(owner: psycopg.Connection) -> None:
    known = set(catalogue.tables(owner))
    named = {**exceptions.UNPROTECTED_TABLES, **exceptions.QUEUE_TABLES}
    for table in {*exceptions.KEYS_WITHOUT_SHOP, *(f"shops.{name}" for name in named)}:
        assert table in known, f"{table} is gone: strike the exception"
    used = {(table, f"{_suffix(role, table)} {command}") for table, _, role, command, _ in catalogue.policies(owner)}
    for table, reasons in exceptions.ALL_SHOPS_POLICIES.items():
        tables = [table] if "*" not in table else [table.replace("*", context) for context in catalogue.CONTEXTS]
        for wanted, reason in reasons.items():
            assert len(reason) > 20
            assert all((name, wanted) in used for name in tables), f"{table} {wanted}: strike the exception"


def _suffix(role: str, table: str) -> str:
    return role.removeprefix(f"grapevine_{table.partition('.')[0]}").lstrip("_") or "context"
