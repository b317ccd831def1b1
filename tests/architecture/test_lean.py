"""What the processes of an installation do not import: each holds what it has imported for as long as it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVING = ("rich", "cyclopts", "alembic", "sqlalchemy.orm", "pytest")
STARTED = {
    "web": ("from adapters.host.asgi import create; create()", (*SERVING, "pydantic", "pgqueuer")),
    "worker": (
        "from adapters.host.worker import Installation, read_settings; Installation(read_settings(), 'host=nowhere')",
        SERVING,
    ),
    "the one that watches web": (
        "import adapters.host.serve",
        (*SERVING, "litestar", "sqlalchemy", "structlog", "psycopg", "msgspec"),
    ),
}


@pytest.mark.parametrize("process", STARTED)
def test_a_process_does_not_import_what_it_never_uses(process: str, tmp_path: Path) -> None:
    starting, unwanted = STARTED[process]
    script = f"{starting}\nimport sys\nprint(*sys.modules)"
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GRAPEVINE_")},
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "GRAPEVINE_DATA_FOLDER": str(tmp_path),
        "GRAPEVINE_SECRET_KEY": "0123456789abcdef" * 4,
        "GRAPEVINE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()).isdisjoint(unwanted)
