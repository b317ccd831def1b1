"""What the documents say is there is there."""

import re
from pathlib import Path

import pytest

from adapters.host.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
PLACE = re.compile(r"`((?:src|adapters|tests|tools|features|docs|benchmarks)/[\w./-]+)`")

MADE = {"benchmarks/results/latest.json"}
"""What `make` writes, so it need not be there."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_places_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (document.parent / link).exists()] == []
    assert [place for place in PLACE.findall(text) if place not in MADE and not (ROOT / place).exists()] == []


def test_every_setting_is_explained() -> None:
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    explained = set(re.findall(rf"`{PREFIX}([A-Z_]+)`", text))
    assert explained == {name.upper() for name in Settings.__struct_fields__}


def test_every_metric_is_explained() -> None:
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in (ROOT / "adapters").rglob("*.py"))
    metrics = set(re.findall(r"(?:Counter|Gauge|Histogram)\(\s*\"(grapevine_\w+)\"", code))
    assert metrics
    assert [name for name in metrics if name not in text] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_names_the_check_that_holds_it(decision: Path) -> None:
    text = decision.read_text("utf-8")
    assert "**Checked by**" in text
    assert len(text.splitlines()) <= 60
    assert f"({decision.name})" in (decision.parent / "README.md").read_text("utf-8")


def test_every_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (listed,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(re.findall(r"^(\w+):.*## ", makefile, re.MULTILINE)) == set(listed.split())
