"""A body is read as far as it was declared, and no further than is allowed."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from adapters.shared.http.hot import BodyCut, BodyTooLarge, read_body


def _read(*messages: dict[str, Any], declared: bytes | None, limit: int = 100) -> tuple[bytes, int]:
    """The body, and how often the server was asked."""
    waiting = list(messages)

    async def receive() -> Any:
        return waiting.pop(0)

    headers = [] if declared is None else [(b"content-length", declared)]
    body = asyncio.run(read_body({"headers": headers}, receive, limit))  # type: ignore[arg-type]
    return body, len(messages) - len(waiting)


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


END = part(b"", more=False)
GONE = {"type": "http.disconnect"}


def test_a_body_that_has_come_as_declared_is_whole() -> None:
    assert _read(part(b"hello"), END, declared=b"5") == (b"hello", 1)
    assert _read(part(b"hel"), part(b"lo"), END, declared=b"5") == (b"hello", 2)


@pytest.mark.parametrize("declared", [None, b"", b"+5", b"5 ", b"\xc2\xb2", b"9" * 5000])
def test_without_a_length_that_is_one_the_end_is_waited_for(declared: bytes | None) -> None:
    assert _read(part(b"hel"), part(b"lo"), END, declared=declared) == (b"hello", 3)


def test_a_body_that_breaks_off_is_no_body() -> None:
    with pytest.raises(BodyCut):
        _read(part(b"hel"), GONE, declared=b"5")


@pytest.mark.parametrize("declared", [b"5", b"101", None])
def test_a_body_over_the_limit_is_refused_whatever_was_declared(declared: bytes | None) -> None:
    with pytest.raises(BodyTooLarge):
        _read(part(b"a" * 101), END, declared=declared)


HEADERS = {"^[!-~]+$"}
"""No header has a line end: the server sees to that."""


def test_no_pattern_lets_a_last_line_end_through() -> None:
    """In Python `$` stands before a line end as well."""
    document = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
    said = {json.loads(found) for found in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', document.read_text())}
    several_lines = {pattern for pattern in said if re.search(pattern, "a\nb")}
    assert len(said) > 8
    assert [one for one in said - several_lines - HEADERS if one.endswith("$")] == []
