"""Checks that features are written in the product owner's words."""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gherkin.parser import Parser

ROOT: Final = Path(__file__).resolve().parents[1]
TECHNICAL: Final = {
    "one of our addresses": re.compile(r"localhost|127\.0\.0\.1|/(api|webhooks|internal|docs|health)/", re.IGNORECASE),
    "JSON": re.compile(r"\bjson\b|[{\[]\s*\"\w+\"\s*:", re.IGNORECASE),
    "an HTTP word": re.compile(r"\b(HTTP|GET|POST|PUT|PATCH|DELETE|status code|endpoint|header|API call)\b"),
    "an id": re.compile(
        r"\b(shp|prg|ofr|adv|ref|rwd|clm|lnk|clk|ord|cus|key|con|msg|shr)_\w+|\b\w+_id\b|\buuid\b", re.IGNORECASE
    ),
    "a database word": re.compile(r"\b(table|row|column|transaction is|SQL|database schema)s?\b", re.IGNORECASE),
    "a button": re.compile(r"\b(clicks? (on )?the button|presses the button|text field|dropdown)\b", re.IGNORECASE),
}
"""What a feature may not name, with how it is recognised."""
LONGEST: Final = 15


def problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the features, each with its place."""
    found = []
    for path in sorted((root / "features").rglob("*.feature")):
        place = path.relative_to(root).as_posix()
        found += [f"{place}:{line}: {wrong}" for line, wrong in check(path.read_text("utf-8"))]
    return found


def check(text: str) -> Iterator[tuple[int, str]]:
    feature: Any = Parser().parse(text).get("feature")
    if feature is None:
        yield 1, "holds no feature"
        return
    if not feature["description"].strip():
        yield feature["location"]["line"], "the feature does not say in a sentence what it is for"
    scenarios = list(_scenarios(feature["children"]))
    if not scenarios:
        yield feature["location"]["line"], "the feature has no scenario"
    for name, count in Counter(scenario["name"] for scenario in scenarios).items():
        if count > 1 or not name.strip():
            yield feature["location"]["line"], f"{count} scenarios are named {name!r}"
    for scenario in scenarios:
        yield from _scenario(scenario)
    yield from _technical(text)


def _scenarios(children: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for child in children:
        if "scenario" in child:
            yield child["scenario"]
        elif "rule" in child:
            yield from _scenarios(child["rule"]["children"])


def _scenario(scenario: dict[str, Any]) -> Iterator[tuple[int, str]]:
    line = scenario["location"]["line"]
    steps = scenario["steps"]
    if not any(step["keywordType"] == "Outcome" for step in steps):
        yield line, "the scenario has no outcome (Then)"
    if len(steps) > LONGEST:
        yield line, f"the scenario has {len(steps)} steps; more than {LONGEST} is a story, not an example"


def _technical(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        for what, pattern in TECHNICAL.items():
            found = pattern.search(line)
            if found:
                yield number, f"names {what}: {found[0]!r}"


def main() -> int:
    wrong = problems()
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
