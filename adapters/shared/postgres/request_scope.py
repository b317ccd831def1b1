"""One request's hold on its transaction, so that an answer can be stored beside its effect.

A POST with an idempotency key opens a scope. The first unit of work of the route's context joins it: the key is
locked and looked up as the transaction begins, and the commit waits until the response is known and written
beside the key. So the effect, its facts and the stored answer appear together or not at all.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.shared.postgres.unit import Unit


class RequestScope:
    """Holds the unit of one request open. `on_enter` may refuse, e.g. because the key was used before."""

    def __init__(self, context: str, on_enter: Callable[["Unit"], Awaitable[None]]) -> None:
        self.context = context
        self.unit: Unit | None = None
        self._on_enter = on_enter
        self._holding: AbstractAsyncContextManager[Any] | None = None

    async def enter(self, transaction: AbstractAsyncContextManager[tuple["Unit", Any]]) -> None:
        unit, _ = await transaction.__aenter__()
        self._holding = transaction
        try:
            await self._on_enter(unit)
        except BaseException as error:
            await self.abandon(error)
            raise
        self.unit = unit

    def held(self) -> "Unit":
        if self.unit is None:
            raise RuntimeError("the request holds no unit of work")
        return self.unit

    async def commit(self) -> None:
        if self._holding is not None:
            holding, self._holding, self.unit = self._holding, None, None
            await holding.__aexit__(None, None, None)

    async def abandon(self, error: BaseException) -> None:
        """Roll back; safe to call twice."""
        if self._holding is None:
            return
        holding, self._holding, self.unit = self._holding, None, None
        try:
            await holding.__aexit__(type(error), error, error.__traceback__)
        except BaseException as raised:
            if raised is not error:
                raise


current_scope: ContextVar[RequestScope | None] = ContextVar("current_scope", default=None)
