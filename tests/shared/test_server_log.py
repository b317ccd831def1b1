"""What the web server says of itself: on standard error, in the shape of all other lines."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.processes import ROOT

SAYING = """
import logging, sys
from granian.log import LogLevels, configure_logging
from adapters.host.server_log import server_log
configure_logging(LogLevels.info, server_log(sys.argv[1]))
server = logging.getLogger("_granian")
server.info("Listening at: %s", "http://127.0.0.1:8000")
try:
    1 / 0
except ZeroDivisionError:
    server.exception("A worker\\nfailed")
"""


def said(log_format: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SAYING, log_format], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])},
    )  # fmt: skip
    assert done.stdout == ""
    return done.stderr


def test_each_line_is_one_json_object() -> None:
    lines = [json.loads(line) for line in said("json").splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("Listening at: http://127.0.0.1:8000", "info"), ("A worker\nfailed", "error"),
    ]  # fmt: skip
    assert "ZeroDivisionError" in lines[1]["exception"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


@pytest.mark.parametrize("words", ["[INFO] Listening at", "ZeroDivisionError"])
def test_for_people_it_is_plain(words: str) -> None:
    assert words in said("console")
