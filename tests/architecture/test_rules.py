"""The house rules hold, and each of them can fail: a planted violation proves it."""

from pathlib import Path

import pytest

from tools import database_rules, rules

ROOT = Path(__file__).resolve().parents[2]
RULES = {rule.__name__: rule for rule in (*rules.RULES, *database_rules.RULES)}

LONG_FUNCTION = "def long() -> None:\n" + "    pass\n" * 41
HANDLER = """
@dataclass(frozen=True, slots=True)
class {name}:
    async def __call__(self) -> None: ...
"""
PLANTED: list[tuple[str, str, str, str]] = [
    # rule, file, what is planted, what the rule says
    ("imports_under_src", "src/shops/domain/planted.py", "import litestar", "imports litestar"),
    ("imports_under_src", "src/shops/domain/planted.py", "import os", "imports os"),
    ("imports_under_src", "src/shops/domain/planted.py", "from urllib import request", "imports urllib"),
    ("imports_under_src", "src/shops/domain/planted.py", "from referral.events import X", "imports referral.events"),
    ("imports_under_src", "src/kernel/planted.py", "import shops.events", "imports shops.events"),
    ("imports_under_src", "src/tracking/planted.py", "from adapters.shared import ids", "imports adapters.shared"),
    ("imports_under_src", "src/tracking/planted.py", "from . import ports", "imports ."),
    ("purity_of_src", "src/shops/planted.py", "datetime.now(UTC)", "calls now()"),
    ("purity_of_src", "src/shops/planted.py", "date.today()", "calls today()"),
    ("purity_of_src", "src/shops/planted.py", "uuid.uuid4()", "calls uuid4()"),
    ("purity_of_src", "src/shops/planted.py", "from uuid import uuid4 as new\nnew()", "calls"),
    ("purity_of_src", "src/shops/planted.py", "open('x')", "calls open()"),
    ("purity_of_src", "src/shops/planted.py", "x = os.environ['A']", "reads the environment"),
    ("no_http_in_src", "src/shops/planted.py", "status_code = 404", "says status_code"),
    ("no_http_in_src", "src/shops/planted.py", "x = HTTPStatus.NOT_FOUND", "says HTTPStatus"),
    ("no_http_in_src", "src/shops/planted.py", "x = codes.HTTP_404_NOT_FOUND", "says HTTP_404_NOT_FOUND"),
    ("small_kernel", "src/kernel/planted.py", "x = 1\n" * 300, "301 lines"),
    ("sizes", "adapters/shops/planted.py", "x = 1\n" * 300, "301 lines"),
    ("sizes", "adapters/shops/planted.py", LONG_FUNCTION, "long has 42 lines"),
    ("no_injection", "adapters/shops/planted.py", "import dependency_injector.providers", "container.py"),
    ("no_injection", "adapters/shops/container.py", "from dependency_injector.wiring import X", "nothing is wired"),
    ("no_injection", "adapters/shops/planted.py", "@inject\ndef f() -> None: ...", "uses @inject"),
    ("whole_packages", "adapters/shops/planted/module.py", "x = 1", "without __init__.py"),
    ("frozen_structs", "src/shops/planted.py", "class Loose(Struct, kw_only=True): ...", "Loose is not frozen"),
    ("one_use_case_a_file", "src/shops/application/planted.py", HANDLER.format(name="A") + HANDLER.format(name="B"),
     "holds A, B"),
    ("one_use_case_a_file", "src/shops/application/planted.py", "class A:\n    async def __call__(self): ...",
     "A is not a @dataclass"),
    ("one_use_case_a_file", "src/shops/application/planted.py", HANDLER.format(name="A").replace("async ", ""),
     "A.__call__ is not async"),
    ("no_handler_calls_a_handler", "src/shops/application/planted.py",
     "from shops.application.planted import Other" + HANDLER.format(name="Other"), "uses the handler Other"),
    ("documented_contracts", "src/shops/ports.py", "class Bare(Protocol):\n    def get(self) -> None: ...", "Bare"),
    ("documented_contracts", "src/shops/events.py", "class Bare(Event):\n    name = 'shops.bare'", "Bare"),
    ("documented_contracts", "src/shops/__init__.py", "x = 1", "what the context is for"),
    ("codes_of_refusals", "src/shops/planted.py", "class A(DomainError):\n    code = 'Not-Good'", "snake_case"),
    ("codes_of_refusals", "src/shops/planted.py",
     "class A(DomainError):\n    code = 'twice'\nclass B(DomainError):\n    code = 'twice'", "stands in"),
    ("tenancy_ends_with_the_transaction", "adapters/shops/planted.py",
     "x = \"SELECT set_config('app.shop_id', %s, false)\"", "without `true`"),
    ("tenancy_ends_with_the_transaction", "adapters/shops/planted.py", "x = f\"SET app.shop_id = '{y}'\"", "SET app"),
    ("only_units_commit", "adapters/shops/planted.py", "await connection.commit()", "ends a transaction"),
    ("only_units_commit", "adapters/shops/planted.py", "x = 'COMMIT'", "ends a transaction"),
    ("no_machine_paths", "adapters/shops/planted.py", "x = '/home/ada/data'", "names /home/ada/data"),
    ("nothing_is_skipped", "tests/planted.py", "@pytest.mark.skip\ndef test_x(): ...", "skips a test"),
    ("nothing_is_skipped", "tests/planted.py", "pytest.importorskip('x')", "skips a test"),
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds(rule: str) -> None:
    assert list(RULES[rule](ROOT)) == []


@pytest.mark.parametrize(("rule", "file", "planted", "said"), PLANTED)
def test_the_rule_finds_what_is_planted(rule: str, file: str, planted: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(planted + "\n")
    found = list(RULES[rule](tmp_path))
    assert len(found) == 1, found
    assert found[0].startswith(file.rpartition("/")[0])
    assert said in found[0]


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, *_ in PLANTED} == set(RULES)


def test_what_is_innocent_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "src" / "shops").mkdir(parents=True)
    (tmp_path / "src" / "shops" / "__init__.py").write_text('"""Shops."""')
    (tmp_path / "src" / "shops" / "innocent.py").write_text(
        "from uuid import UUID\nfrom kernel.ids import ShopId\nat = work.now()\nread = self.now()\nid = UUID(int=1)\n"
        "words = \"set_config('app.shop_id', %s, true)\"\n"
    )
    assert [line for rule in RULES.values() for line in rule(tmp_path)] == []


@pytest.mark.parametrize("exceptions", [rules.LONGER, database_rules.TRANSACTIONS])
def test_exceptions_say_why_and_are_still_needed(exceptions: dict[str, str]) -> None:
    for place, reason in exceptions.items():
        assert len(reason) > 20, place
        assert (ROOT / place.partition(":")[0]).exists(), f"{place} is gone: strike the exception"
