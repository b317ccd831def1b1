"""Settings are checked at start and name what is wrong."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from adapters.host.settings import SettingsInvalid, read_settings

DATABASE = {"GRAPEVINE_DATABASE_URL": "postgresql://owner:hush@db/grapevine", "GRAPEVINE_SECRET_KEY": "x" * 40}


def test_secrets_are_not_printed() -> None:
    shown = "\n".join(f"{k}={v}" for k, v in read_settings(DATABASE).redacted().items())
    assert "hush" not in shown
    assert "x" * 40 not in shown
    assert "GRAPEVINE_PORT=8000" in shown


def test_the_embedded_database_keeps_its_secret(tmp_path: Path) -> None:
    environment = {"GRAPEVINE_DATA_FOLDER": str(tmp_path / "with a space")}
    first = read_settings(environment)
    assert first.secret_key is not None
    assert read_settings(environment).secret_key == first.secret_key
    assert (tmp_path / "with a space" / "secret_key").stat().st_mode & 0o077 == 0


def test_processes_that_start_at_once_keep_one_secret(tmp_path: Path) -> None:
    environment = {"GRAPEVINE_DATA_FOLDER": str(tmp_path / "data")}
    together = Barrier(8)

    def start(_: int) -> str | None:
        together.wait()
        return read_settings(environment).secret_key

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


def test_a_secret_that_was_lost_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(SettingsInvalid, match="does not hold the secret"):
        read_settings({"GRAPEVINE_DATA_FOLDER": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("GRAPEVINE_PORT", "banana", "GRAPEVINE_PORT: "),
        ("GRAPEVINE_PORT", "70000", "GRAPEVINE_PORT: "),
        ("GRAPEVINE_BASE_URL", "ftp://x", "GRAPEVINE_BASE_URL must"),
        ("GRAPEVINE_BASE_URL", "https://x/path", "GRAPEVINE_BASE_URL must"),
        ("GRAPEVINE_SECRET_KEY", "short", "GRAPEVINE_SECRET_KEY: This must have at least 32 characters"),
        ("GRAPEVINE_ENVIRONMENT", "prod", "GRAPEVINE_ENVIRONMENT: This must be one of demo, production, test"),
        ("GRAPEVINE_LOG_LEVEL", "loud", "GRAPEVINE_LOG_LEVEL: This must be one of DEBUG, ERROR, INFO, WARNING"),
        ("GRAPEVINE_CONTEXTS", "shops,moon", "GRAPEVINE_CONTEXTS names 'moon'"),
        ("GRAPEVINE_PEERS", "shops:8000", "GRAPEVINE_PEERS must"),
        ("GRAPEVINE_SMTP_URL", "http://mail", "GRAPEVINE_SMTP_URL must"),
        ("GRAPEVINE_SMTP_URL", "smtp://", "GRAPEVINE_SMTP_URL must"),
        ("GRAPEVINE_SMTP_URL", "smtp://mail:99999", "GRAPEVINE_SMTP_URL must"),
        ("GRAPEVINE_MAIL_FROM", "nobody", "GRAPEVINE_MAIL_FROM must"),
        ("GRAPEVINE_BASE_URL", "https://ada:secret@x", "GRAPEVINE_BASE_URL must"),
        ("GRAPEVINE_PEERS", "shops=http://ada:secret@x", "GRAPEVINE_PEERS must"),
        ("GRAPEVINE_DATABASE_URL", "mysql://ada:hushed@x/db", "GRAPEVINE_DATABASE_URL must"),
        ("GRAPEVINE_NO_SUCH", "1", "there is no variable GRAPEVINE_NO_SUCH"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, named: str) -> None:
    with pytest.raises(SettingsInvalid, match=named) as refused:
        read_settings(DATABASE | {name: value})
    assert "hushed" not in str(refused.value)


def test_a_database_of_ones_own_needs_a_secret() -> None:
    with pytest.raises(SettingsInvalid, match="GRAPEVINE_SECRET_KEY is required"):
        read_settings({"GRAPEVINE_DATABASE_URL": "postgresql://owner@db/grapevine"})
