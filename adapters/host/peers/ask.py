"""Questions between contexts: answered in process when the other lives here, else over HTTP."""

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx2
import msgspec
from msgspec import Struct

from adapters.host.peers.remote import Peers
from adapters.shared.context import Answer
from adapters.shared.postgres.errors import Unavailable
from kernel.errors import DomainError

R = TypeVar("R")


class QuestionUnknown(DomainError):
    code = "question_unknown"
    kind = "not_found"
    title = "Nobody here answers this question"


class Asking:
    """Satisfies `adapters.shared.context.Ask`; learns once, at start, what the contexts hosted here answer."""

    def __init__(self, peers: Peers) -> None:
        self._answers: dict[str, Answer] = {}
        self._peers = peers

    def learn(self, answers: Mapping[str, Answer]) -> None:
        self._answers.update(answers)

    def local(self, name: str) -> Answer:
        answer = self._answers.get(name)
        if answer is None:
            raise QuestionUnknown
        return answer

    async def __call__(self, name: str, request: Struct, response: type[R]) -> R:
        local = self._answers.get(name)
        if local is not None:
            put = msgspec.convert(request, local.request, from_attributes=True)
            return msgspec.convert(await local.answer(put), response, from_attributes=True)
        try:
            body = await self._peers.post(name.partition(".")[0], f"questions/{name}", msgspec.json.encode(request))
        except httpx2.HTTPError as error:
            raise Unavailable from error
        return msgspec.json.decode(body, type=response)


async def answer_locally(asking: Asking, name: str, body: bytes) -> Any:
    """Answer a question that came over HTTP."""
    answer = asking.local(name)
    return await answer.answer(msgspec.json.decode(body, type=answer.request))
