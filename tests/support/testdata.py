"""Real payloads of shop platforms, which lie beside the repository: `../shared/testdata`, or GRAPEVINE_TESTDATA."""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]


def folder() -> Path:
    return Path(os.environ.get("GRAPEVINE_TESTDATA") or ROOT.parent / "shared" / "testdata")


def platform_payload(name: str) -> Any:
    """The file of that name as data. Fails, and says where it was looked for, when it is not there."""
    path = folder() / "platforms" / f"{name}.json"
    if not path.is_file():
        pytest.fail(f"The test needs {path}. Set GRAPEVINE_TESTDATA to the folder that holds platforms/{name}.json.")
    return json.loads(path.read_text("utf-8"))
