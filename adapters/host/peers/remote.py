"""Contexts that live in another process: facts and questions travel by HTTP, proven by the peer token."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import msgspec
import stamina

from adapters.shared.postgres.errors import Unavailable
from kernel.errors import DomainError, Kind
from kernel.events import Envelope
from kernel.ids import ShopId

_KINDS: dict[int, Kind] = {
    401: "unauthenticated", 403: "forbidden", 404: "not_found", 409: "conflict", 410: "gone", 412: "stale",
    413: "too_large", 422: "invalid",
}  # fmt: skip


class PeerRefusal(DomainError):
    """A refusal that another context sent: its code, its kind and the field that it names are the other's."""

    def __init__(self, problem: dict[str, Any], kind: Kind) -> None:
        self.code = str(problem.get("code", "refused"))  # type: ignore[misc]
        self.kind = kind  # type: ignore[misc]
        named: dict[str, Any] = next(iter(problem.get("errors") or ()), {})
        super().__init__(str(problem.get("detail", "")), pointer=named.get("pointer"))


class Peers:
    """Posts to the contexts that live elsewhere; every call has a timeout and is repeated once if nothing answered."""

    def __init__(
        self, addresses: Mapping[str, str], token: str, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._transport = transport
        self._addresses = addresses
        self._token = token
        self._client: httpx2.AsyncClient | None = None

    async def post(self, context: str, path: str, body: bytes) -> bytes:
        """The answer's body; PeerRefusal for a refusal, Unavailable when the peer is away or unknown."""
        if context not in self._addresses:
            raise Unavailable(f"It is not known where {context} lives.")
        address = f"{self._addresses[context]}/internal/v1/{path}"
        try:
            async for attempt in stamina.retry_context(on=httpx2.TransportError, attempts=2, timeout=10):
                with attempt:
                    response = await self._open().post(
                        address, content=body, headers={"content-type": "application/json"}
                    )
        except httpx2.HTTPError as error:
            raise Unavailable from error
        if response.status_code >= 500:
            raise Unavailable
        if response.status_code >= 400:
            raise PeerRefusal(_problem(response), _KINDS.get(response.status_code, "invalid"))
        return response.content

    async def deliver(self, context: str, shop_id: ShopId, envelopes: Sequence[Envelope]) -> None:
        """Hand a batch of one shop's facts to a context that lives elsewhere."""
        await self.post(context, f"facts/{context}", msgspec.json.encode(list(envelopes)))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _open(self) -> httpx2.AsyncClient:
        if self._client is None:  # most installations have no peers, and a client holds 2 MB of certificates
            self._client = httpx2.AsyncClient(
                timeout=httpx2.Timeout(5.0, connect=1.0),
                headers={"authorization": f"Bearer {self._token}"},
                transport=self._transport,
            )
        return self._client


def _problem(response: httpx2.Response) -> dict[str, Any]:
    """The problem document of a refusal. What answers with anything else is no peer but something on the way to it."""
    try:
        return msgspec.json.decode(response.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise Unavailable(f"What answers {response.status_code} is not one of us.") from None
