"""Walks the database's catalogue: what every table, key, policy and role of a migrated database must look like.

Each check is a function from an owner's connection to lines that say what is wrong; `planted.py` has for each a
violation that it must find.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg

from tests.architecture.exceptions import (
    ALL_SHOPS_POLICIES,
    KEYS_WITHOUT_SHOP,
    OWNER_FUNCTIONS,
    QUEUE_TABLES,
    UNPROTECTED_TABLES,
    WORDS_OF_OTHERS,
)

CONTEXTS: Final = ("shops", "referral", "acquisition", "engagement", "tracking")
ENUMERATIONS: Final = ("state", "kind", "status", "side", "method", "platform", "channel", "payment", "actor_kind")
"""Columns of these names hold one of a few words, and the database knows which."""
Check = Callable[[psycopg.Connection], list[str]]


def _rows(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), {"contexts": list(CONTEXTS)}).fetchall()


def _role_context(name: str) -> str:
    return name.removeprefix("grapevine_").partition("_")[0]


def tables(connection: psycopg.Connection) -> list[str]:
    """Every table of every context ("referral.reward"), partitions too."""
    query = """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace::regnamespace::text = ANY (%(contexts)s) AND c.relkind IN ('r', 'p') ORDER BY 1"""
    return [name for (name,) in _rows(connection, query)]


def partitions(connection: psycopg.Connection) -> set[str]:
    return {name for (name,) in _rows(connection, "SELECT oid::regclass::text FROM pg_class WHERE relispartition")}


def roles(connection: psycopg.Connection) -> list[str]:
    return [
        name for (name,) in _rows(connection, "SELECT rolname FROM pg_roles WHERE rolname ~ '^grapevine_' ORDER BY 1")
    ]


def unforced_row_security(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace::regnamespace::text = ANY (%(contexts)s) AND c.relkind IN ('r', 'p')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"""
    found = [name for (name,) in _rows(connection, query) if name.partition(".")[2] not in UNPROTECTED_TABLES]
    return [f"{name}: row-level security is not forced" for name in found]


def tables_without_shop(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace::regnamespace::text = ANY (%(contexts)s) AND c.relkind IN ('r', 'p') AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'shop_id' AND a.attnotnull
              AND a.atttypid = 'uuid'::regtype AND NOT a.attisdropped)"""
    exempt = UNPROTECTED_TABLES.keys() | QUEUE_TABLES.keys()
    found = [name for (name,) in _rows(connection, query) if name.partition(".")[2] not in exempt]
    return [f"{name}: has no shop_id uuid NOT NULL" for name in found]


def keys_without_shop(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, coalesce((
            SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]), '')
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        WHERE (i.indisunique OR i.indisexclusion) AND c.relnamespace::regnamespace::text = ANY (%(contexts)s)
        UNION ALL
        SELECT f.conrelid::regclass::text, f.conname, (
            SELECT min(a.attname::text) FROM pg_attribute a
            WHERE (a.attrelid, a.attnum) IN ((f.conrelid, f.conkey[1]), (f.confrelid, f.confkey[1]))
            HAVING count(*) = 2 AND min(a.attname::text) = max(a.attname::text))
        FROM pg_constraint f WHERE f.contype = 'f' AND f.connamespace::regnamespace::text = ANY (%(contexts)s)"""
    exempt = UNPROTECTED_TABLES.keys() | QUEUE_TABLES.keys()
    return [
        f"{table}: the key {key} does not start with shop_id"
        for table, key, first in _rows(connection, query)
        if first != "shop_id" and table not in KEYS_WITHOUT_SHOP and table.partition(".")[2] not in exempt
    ]


def foreign_keys_out(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT f.conrelid::regclass::text, f.confrelid::regclass::text
        FROM pg_constraint f JOIN pg_class a ON a.oid = f.conrelid JOIN pg_class b ON b.oid = f.confrelid
        WHERE f.contype = 'f' AND a.relnamespace <> b.relnamespace"""
    return [f"{a}: a foreign key leaves the schema to {b}" for a, b in _rows(connection, query)]


def leaky_views(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT c.oid::regclass::text, c.relkind::text FROM pg_class c
        WHERE c.relnamespace::regnamespace::text = ANY (%(contexts)s::text[] || ARRAY['public'])
          AND (c.relkind = 'm' OR (c.relkind = 'v'
               AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false)))"""
    kinds = {"m": "a materialised view; no policy applies to it", "v": "a view without security_invoker"}
    return [f"{name}: is {kinds[kind]}" for name, kind in _rows(connection, query)]


def owner_functions(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT p.oid::regprocedure::text, coalesce(array_to_string(p.proconfig, ' '), '') ~ 'search_path=pg_catalog',
               has_function_privilege('public', p.oid, 'EXECUTE'), p.pronargs
        FROM pg_proc p WHERE p.prosecdef AND p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'"""
    found = []
    for name, pinned, public, arguments in _rows(connection, query):
        if name not in OWNER_FUNCTIONS:
            found.append(f"{name}: is SECURITY DEFINER")
        elif not pinned or public or arguments:
            found.append(f"{name}: borrows the owner's rights and is open to abuse")
    return found


def granted_partitions(connection: psycopg.Connection) -> list[str]:
    query = """
        SELECT DISTINCT c.oid::regclass::text, g.grantee::regrole::text
        FROM pg_class c, aclexplode(c.relacl) g
        WHERE c.relispartition AND g.grantee <> c.relowner
          AND c.relnamespace::regnamespace::text = ANY (%(contexts)s)"""
    return [f"{name}: a partition granted directly to {role}" for name, role in _rows(connection, query)]


def powerful_roles(connection: psycopg.Connection) -> list[str]:
    flags = _rows(connection, """
        SELECT rolname, 'may ' || power FROM pg_roles r, LATERAL (VALUES
            ('be superuser', rolsuper), ('bypass row-level security', rolbypassrls), ('create databases', rolcreatedb),
            ('create roles', rolcreaterole), ('replicate', rolreplication)) AS p (power, has)
        WHERE rolname ~ '^grapevine_' AND has
        UNION ALL
        SELECT m.member::regrole::text, 'is a member of ' || m.roleid::regrole::text
        FROM pg_auth_members m WHERE m.member::regrole::text ~ '^grapevine_'
        UNION ALL
        SELECT r.rolname, 'owns something' FROM pg_roles r JOIN pg_shdepend d
          ON d.refobjid = r.oid AND d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
        WHERE r.rolname ~ '^grapevine_' AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        UNION ALL
        SELECT r.rolname, 'may create in schema ' || n.nspname FROM pg_roles r, pg_namespace n
        WHERE r.rolname ~ '^grapevine_' AND has_schema_privilege(r.rolname, n.oid, 'CREATE')
        UNION ALL
        SELECT r.rolname, 'may create in the database' FROM pg_roles r
        WHERE r.rolname ~ '^grapevine_' AND has_database_privilege(r.rolname, current_database(), 'CREATE')
    """)  # fmt: skip
    return [f"{role}: {power}" for role, power in flags]


def foreign_access(connection: psycopg.Connection) -> list[str]:
    """A role reaches its own context's schema, and nothing of any other."""
    schemas = _rows(connection, """
        SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n
        WHERE r.rolname ~ '^grapevine_' AND n.nspname !~ '^(pg_|information_schema)'
          AND has_schema_privilege(r.rolname, n.oid, 'USAGE')""")  # fmt: skip
    grants = _rows(connection, """
        SELECT DISTINCT c.oid::regclass::text, n.nspname,
               CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL (
            SELECT grantee FROM aclexplode(c.relacl) UNION
            SELECT x.grantee FROM pg_attribute a, aclexplode(a.attacl) x WHERE a.attrelid = c.oid) g
        WHERE n.nspname !~ '^(pg_|information_schema)' AND g.grantee <> c.relowner""")  # fmt: skip
    found = [f"{role}: may use the schema {schema}" for role, schema in schemas if _role_context(role) != schema]
    return found + [
        f"{role}: is granted {table}"
        for table, schema, role in grants
        if role == "PUBLIC" or _role_context(role) != schema
    ]


def policies(connection: psycopg.Connection) -> list[tuple[str, str, str, str, str]]:
    """Table, policy, role, command and condition of every policy that is not "the shop of this transaction"."""
    query = """
        SELECT schemaname || '.' || tablename, policyname, role, cmd,
               coalesce(qual, '') || '|' || coalesce(with_check, '')
        FROM pg_policies, unnest(roles) AS role WHERE schemaname = ANY (%(contexts)s) ORDER BY 1, 2, 3"""
    own = re.compile(r"\(shop_id = \( SELECT (\w+\.)?current_shop\(\) AS current_shop\)\)")
    return [
        (table, name, role, command, condition)
        for table, name, role, command, condition in _rows(connection, query)
        if not all(own.fullmatch(part) for part in condition.split("|"))
        or role != f"grapevine_{table.partition('.')[0]}"
    ]


def open_policies(connection: psycopg.Connection) -> list[str]:
    """Policies that let somebody see or write more than one shop are named, each with a reason."""
    found = []
    for table, name, role, command, _ in policies(connection):
        schema, _, bare = table.partition(".")
        wanted = f"{role.removeprefix(f'grapevine_{schema}').lstrip('_') or 'context'} {command}"
        allowed: Mapping[str, str] = ALL_SHOPS_POLICIES.get(table, {}) | ALL_SHOPS_POLICIES.get(f"*.{bare}", {})
        if wanted not in allowed:
            found.append(f"{table}: the policy {name} opens all shops to {role} for {command}")
    return found


def unnamed_words(connection: psycopg.Connection) -> list[str]:
    """An enumeration is text whose words the database knows."""
    query = """
        SELECT c.oid::regclass::text, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace::regnamespace::text = ANY (%(contexts)s) AND c.relkind IN ('r', 'p')
          AND a.atttypid = 'text'::regtype AND NOT EXISTS (
            SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey))"""
    return [
        f"{table}: {column} is an enumeration without a CHECK"
        for table, column in _rows(connection, query)
        if column in ENUMERATIONS
        and table.partition(".")[2] not in QUEUE_TABLES
        and f"{table}: {column}" not in WORDS_OF_OTHERS
    ]


def loose_types(connection: psycopg.Connection) -> list[str]:
    """Amounts are bigint minor units, never floating; times carry their zone."""
    query = """
        SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, NULL)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace::regnamespace::text = ANY (%(contexts)s) AND c.relkind IN ('r', 'p')"""
    never = {"real", "double precision", "money", "timestamp without time zone", "time without time zone"}
    return [
        f"{table}: {column} is {kind}"
        for table, column, kind in _rows(connection, query)
        if (kind in never or (column.endswith("_minor") and kind != "bigint"))
        and table.partition(".")[2] not in QUEUE_TABLES
    ]


CHECKS: Final[tuple[Check, ...]] = (
    unforced_row_security, tables_without_shop, keys_without_shop, foreign_keys_out, leaky_views, owner_functions,
    granted_partitions, powerful_roles, foreign_access, open_policies, unnamed_words, loose_types,
)  # fmt: skip
