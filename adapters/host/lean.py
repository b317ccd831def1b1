"""Imported first by the processes that serve: leaves out what libraries import only in case somebody uses it.

A process holds what it has imported for as long as it runs, and there are several.
"""

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

# Each is tried by its importer, which does without it. structlog: coloured tracebacks; the injector: settings of
# other frameworks; Litestar: models other than msgspec's.
_OPTIONAL: Final = frozenset(
    {"rich", "better_exceptions", "pydantic", "pydantic_settings", "pydantic_core", "werkzeug", "attr", "attrs"}
)
# SQLAlchemy's connections for asyncio come with its sessions, and these with the whole ORM, which nobody uses here.
_SESSIONS: Final = ("sqlalchemy.ext.asyncio.session", "sqlalchemy.ext.asyncio.scoping")


class _NotInstalled(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name in _OPTIONAL:
            raise ModuleNotFoundError(f"{name} is left out", name=name)
        return None


class _NoSessions(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return None


@contextmanager
def optional_left_out() -> Iterator[None]:
    """Inside, what is optional cannot be imported, as if it were not installed; what is imported already stays."""
    finder = _NotInstalled()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def _import_connections() -> None:
    absent = [name for name in _SESSIONS if name not in sys.modules]
    sys.modules.update({name: _NoSessions(name) for name in absent})
    importlib.import_module("sqlalchemy.ext.asyncio")
    for name in absent:
        del sys.modules[name]


with optional_left_out():
    for _library in ("structlog", "dependency_injector.containers"):
        importlib.import_module(_library)
_import_connections()
