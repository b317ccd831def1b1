"""The command line: what an operator types, on a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.database import SECRET
from tests.support.processes import ROOT


def _run(conninfo: str, folder: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GRAPEVINE_")},
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "GRAPEVINE_ENVIRONMENT": "test",
        "GRAPEVINE_DATABASE_URL": conninfo,
        "GRAPEVINE_SECRET_KEY": SECRET,
        "GRAPEVINE_DATA_FOLDER": str(folder),
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-m", "adapters.host.cli", *arguments],
        env=environment, capture_output=True, text=True, timeout=60, cwd=folder, check=False,
    )  # fmt: skip


SHOP = (
    "shop", "create", "nord-cli", "Nord", "--country", "DE", "--currency", "EUR", "--locales", "de", "en",
    "--time-zone", "Europe/Berlin", "--storefront-url", "https://nord.example",
)  # fmt: skip


def test_a_shop_is_opened_once_and_gets_keys(fresh_database: str, tmp_path: Path) -> None:
    opened = _run(fresh_database, tmp_path, *SHOP)
    assert opened.returncode == 0, opened.stderr
    assert "shp_" in opened.stdout
    assert "gv_live_" in opened.stdout
    again = _run(fresh_database, tmp_path, *SHOP)
    assert again.returncode == 1
    assert "Traceback" not in again.stderr
    key = _run(fresh_database, tmp_path, "key", "create", "nord-cli", "--scopes", "referral:read")
    assert key.stdout.startswith("gv_live_")
    wrong = _run(fresh_database, tmp_path, "key", "create", "nord-cli", "--scopes", "moon:walk")
    assert wrong.returncode == 1
    assert "referral:read" in wrong.stderr


def test_parked_items_are_listed_and_put_back(fresh_database: str, tmp_path: Path) -> None:
    assert "Nothing is parked" in _run(fresh_database, tmp_path, "queue", "list").stdout
    assert "0 put back" in _run(fresh_database, tmp_path, "queue", "replay").stdout


def test_the_settings_are_printed_without_secrets(fresh_database: str, tmp_path: Path) -> None:
    shown = _run(fresh_database, tmp_path, "config")
    assert "GRAPEVINE_PORT=8000" in shown.stdout
    assert SECRET not in shown.stdout + shown.stderr


def test_a_wrong_setting_is_one_line(fresh_database: str, tmp_path: Path) -> None:
    for command in ("serve", "worker", "migrate", "config"):
        wrong = _run(fresh_database, tmp_path, command, GRAPEVINE_PORT="banana")
        assert wrong.returncode == 2
        assert "port" in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_migrating_twice_changes_nothing(fresh_database: str, tmp_path: Path) -> None:
    for _ in range(2):
        done = _run(fresh_database, tmp_path, "migrate")
        assert done.returncode == 0, done.stderr
        assert "up to date" in done.stdout
