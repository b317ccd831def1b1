"""Watches what is sent to the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
import pytest

Watch = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """`with statements() as sent:` lists what shops sends meanwhile, by SQLAlchemy or by psycopg."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        sent: list[str] = []
        execute = psycopg.AsyncCursor.execute

        async def noting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
            if self.connection.info.user == "grapevine_shops":  # other contexts look after their own meanwhile
                sent.append(query.decode() if isinstance(query, bytes) else str(query))
            return await execute(self, query, *args, **kwargs)

        with monkeypatch.context() as patched:
            patched.setattr(psycopg.AsyncCursor, "execute", noting)
            yield sent

    return watch
