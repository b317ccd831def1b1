"""The boundaries of `.importlinter` hold, and each contract can fail: one copy of the tree gets a violation of each."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTED = {
    # contract -> (file, what is planted, what the report says)
    "inward": ("src/shops/domain/planted.py", "import adapters.shared.ids", "shops.domain.planted -> adapters.shared"),
    "inward, contexts": ("src/shops/domain/met.py", "import referral.domain.terms", "shops.domain.met -> referral"),
    "inward, kernel": ("src/kernel/planted.py", "import shops.domain.text", "kernel.planted -> shops.domain.text"),
    "layers": ("src/referral/domain/planted.py", "import referral.ports", "referral.domain.planted -> referral.ports"),
    "layers, ports": (
        "src/referral/events.py",
        "import referral.application.enrol_advocate",
        "referral.events -> referral.application",
    ),
    "layers, exhaustive": ("src/tracking/services.py", "", "tracking.services"),
    "adapters": (
        "adapters/tracking/planted.py",
        "import adapters.referral.planted_too",
        "adapters.tracking.planted -> adapters.referral.planted_too",
    ),
    "adapters, too": ("adapters/referral/planted_too.py", "", ""),
    "adapters, shared": (
        "adapters/shared/planted.py",
        "import adapters.host.settings",
        "adapters.shared.planted -> adapters.host.settings",
    ),
    "adapters, exhaustive": ("adapters/utilities.py", "", "adapters.utilities"),
    "toolkits": ("adapters/shared/met.py", "import engagement.events", "adapters.shared.met -> engagement.events"),
    "shops": ("adapters/shops/met.py", "import tracking.events", "adapters.shops.met -> tracking.events"),
    "referral": ("adapters/referral/met.py", "import tracking.events", "adapters.referral.met -> tracking.events"),
    "acquisition": ("adapters/acquisition/met.py", "import shops.events", "adapters.acquisition.met -> shops.events"),
    "engagement": ("adapters/engagement/met.py", "import shops.events", "adapters.engagement.met -> shops.events"),
    "tracking": ("adapters/tracking/met.py", "import shops.events", "adapters.tracking.met -> shops.events"),
    "containers": (
        "adapters/shops/injected.py",
        "import dependency_injector",
        "adapters.shops.injected -> dependency_injector",
    ),
}


def lint(tree: Path) -> tuple[int, str]:
    """Exit status and report of import-linter, run on a tree by itself; line breaks in names are mended."""
    script = (
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tree / "src"), str(tree)]), "COLUMNS": "500"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def names_of_contracts() -> dict[str, str]:
    text = (ROOT / ".importlinter").read_text()
    return dict(re.findall(r"\[importlinter:contract:(\w+)\]\nname = (.*)", text))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("planted tree")
    only_code = shutil.ignore_patterns("__pycache__", "*.po", "*.html", "*.css", "*.mjml", "*.js")
    for folder in ("src", "adapters"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=only_code)
    shutil.copy(ROOT / ".importlinter", tree)
    return tree


@pytest.fixture(scope="module")
def report(copy: Path) -> str:
    for file, planted, _ in PLANTED.values():
        with (copy / file).open("a") as stream:
            stream.write(f"\n{planted}\n")
    status, text = lint(copy)
    assert status == 1, text
    return text


def test_the_boundaries_hold() -> None:
    status, text = lint(ROOT)
    assert status == 0, text


@pytest.mark.parametrize("name", names_of_contracts())
def test_the_contract_breaks_when_violated(name: str, report: str) -> None:
    assert f"{names_of_contracts()[name]} BROKEN" in report


@pytest.mark.parametrize("planted", PLANTED)
def test_the_report_names_what_is_planted(planted: str, report: str) -> None:
    assert PLANTED[planted][2] in report


def test_every_contract_has_a_planted_violation() -> None:
    assert {name.partition(",")[0] for name in PLANTED} == set(names_of_contracts())
