"""The command line: what an operator types, on a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from tests.support.commands import Done, run_forked
from tests.support.database import SECRET
from tests.support.processes import ROOT


def _environment(conninfo: str, folder: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("GRAPEVINE_")},
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "GRAPEVINE_ENVIRONMENT": "test",
        "GRAPEVINE_DATABASE_URL": conninfo,
        "GRAPEVINE_SECRET_KEY": SECRET,
        "GRAPEVINE_DATA_FOLDER": str(folder),
    }


def _run(conninfo: str, folder: Path, *arguments: str, **variables: str) -> Done:
    """As an operator starts it."""
    return subprocess.run(
        [sys.executable, "-m", "adapters.host.cli", *arguments], env=_environment(conninfo, folder) | variables,
        capture_output=True, text=True, timeout=60, cwd=folder, check=False,
    )  # fmt: skip


def _go_on(conninfo: str, folder: Path, *arguments: str, **variables: str) -> Done:
    """The same, sooner there."""
    return run_forked(arguments, _environment(conninfo, folder) | variables, folder, within_s=60)


PARKED = """
    INSERT INTO tracking.webhook_delivery
        (shop_id, connection_id, delivery_key, kind, topic, triggered_at, body, state, tries, settled_at, code, reason)
    VALUES
        (%(shop_id)s, gen_random_uuid(), %(key)s, 'generic', 'order.reported', '', '', 'parked', 1, now(), 'x', 'y')"""
SHOP = (
    "shop", "create", "nord-cli", "Nord", "--country", "DE", "--currency", "EUR", "--locales", "de", "en",
    "--time-zone", "Europe/Berlin", "--storefront-url", "https://nord.example",
)  # fmt: skip


def test_a_shop_is_opened_once_and_gets_keys(fresh_database: str, tmp_path: Path) -> None:
    opened = _run(fresh_database, tmp_path, *SHOP)
    assert opened.returncode == 0, opened.stderr
    assert "shp_" in opened.stdout
    assert "gv_live_" in opened.stdout
    again = _go_on(fresh_database, tmp_path, *SHOP)
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    unnamed = _go_on(fresh_database, tmp_path, *("" if word == "Nord" else word for word in SHOP))
    assert unnamed.stderr.splitlines()[-1].startswith("title: ")
    key = _go_on(fresh_database, tmp_path, "key", "create", "nord-cli", "--scopes", "referral:read")
    assert key.stdout.startswith("gv_live_")
    wrong = _go_on(fresh_database, tmp_path, "key", "create", "nord-cli", "--scopes", "moon:walk")
    assert wrong.returncode == 1
    assert "referral:read" in wrong.stderr


def test_parked_items_are_listed_and_put_back(fresh_database: str, tmp_path: Path) -> None:
    assert "Nothing is parked" in _go_on(fresh_database, tmp_path, "queue", "list").stdout
    assert "0 put back" in _go_on(fresh_database, tmp_path, "queue", "replay").stdout
    assert "0 put back" in _go_on(fresh_database, tmp_path, "queue", "replay", "--queue", "referral.facts").stdout


def test_a_queue_that_there_is_not_is_said_and_the_others_named(fresh_database: str, tmp_path: Path) -> None:
    wrong = _go_on(fresh_database, tmp_path, "queue", "replay", "--queue", "referral")
    assert wrong.returncode == 1
    assert "referral.facts" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    nobody = _go_on(fresh_database, tmp_path, "key", "create", "nobody", "--scopes", "referral:read")
    assert nobody.stderr.strip().count("There is no such shop") == 1


def test_a_parked_item_is_listed_whole_so_that_it_can_be_copied(fresh_database: str, tmp_path: Path) -> None:
    assert _go_on(fresh_database, tmp_path, *SHOP).returncode == 0
    key = "event-" + "x" * 150
    with psycopg.connect(fresh_database, autocommit=True) as connection:
        shop_id = connection.execute("SELECT shop_id FROM shops.shop").fetchone()
        assert shop_id is not None
        connection.execute(PARKED, {"shop_id": shop_id[0], "key": key})
    listed = _go_on(fresh_database, tmp_path, "queue", "list", COLUMNS="40")
    (item,) = (word for word in listed.stdout.split() if key in word)
    replayed = _go_on(fresh_database, tmp_path, "queue", "replay", "--queue", "tracking.intake", "--item", item)
    assert "1 put back" in replayed.stdout


def test_the_settings_are_printed_without_secrets(fresh_database: str, tmp_path: Path) -> None:
    shown = _run(fresh_database, tmp_path, "config")
    assert "GRAPEVINE_PORT=8000" in shown.stdout
    assert SECRET not in shown.stdout + shown.stderr


def test_a_wrong_setting_is_one_line(fresh_database: str, tmp_path: Path) -> None:
    for command in ("serve", "worker", "migrate", "config"):
        wrong = _run(fresh_database, tmp_path, command, GRAPEVINE_PORT="banana")
        assert wrong.returncode == 2
        assert "GRAPEVINE_PORT" in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_a_database_that_cannot_be_reached_is_one_line(fresh_database: str, tmp_path: Path) -> None:
    away = _go_on("postgresql://owner:hushed@127.0.0.1:1/grapevine", tmp_path, "migrate")
    assert away.returncode == 2
    assert away.stderr.count("\n") == 1
    assert "The database cannot be used: " in away.stderr
    assert "hushed" not in away.stderr


def test_migrating_twice_changes_nothing(fresh_database: str, tmp_path: Path) -> None:
    for _ in range(2):
        done = _run(fresh_database, tmp_path, "migrate")
        assert done.returncode == 0, done.stderr
        assert "up to date" in done.stdout


def test_an_operators_own_database_is_not_stopped(tmp_path: Path) -> None:
    refused = _go_on("postgresql://somewhere/else", tmp_path, "stop")
    assert (refused.returncode, "not ours to stop" in refused.stderr) == (2, True)
