"""Watches what is sent to the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.support.statements import noted

Watch = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements() -> Watch:
    """`with statements() as sent:` lists what shops has sent meanwhile."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        sent: list[str] = []
        with noted() as seen:
            yield sent
        # Other contexts look after their own meanwhile.
        sent += [each.statement for each in seen if each.user == "grapevine_shops"]

    return watch
