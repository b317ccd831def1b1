"""How the demo shop talks to Grapevine: its public HTTP API and nothing else, every call with a timeout."""

from collections.abc import Mapping
from typing import Any, Final

import httpx2

TIMEOUT: Final = httpx2.Timeout(5.0, connect=1.0)


class Refused(Exception):
    """Grapevine answered no: the problem document's status, code and sentence."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail


class Away(Exception):
    """Grapevine did not answer, or could not."""


def result_of(response: httpx2.Response) -> Any:
    """The answer's JSON; Refused for a problem document, Away for a failure that is not ours to mend."""
    if response.status_code >= 500:
        raise Away(f"{response.request.url.path} answered {response.status_code}")
    try:
        answer = response.json() if response.content else None
    except ValueError:
        raise Away(f"{response.request.url.path} answered something that is no JSON") from None
    if response.status_code >= 400:
        problem: Mapping[str, Any] = answer if isinstance(answer, dict) else {}
        detail = str(problem.get("detail", ""))
        raise Refused(response.status_code, str(problem.get("code", "refused")), detail)
    return answer


class Grapevine:
    """An asynchronous client for the storefront's pages."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx2.AsyncClient(base_url=base_url, timeout=TIMEOUT)

    async def call(
        self,
        method: str,
        path: str,
        *,
        key: str,
        body: object = None,
        once: str | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Any:
        """One call of the API. `once` is the Idempotency-Key of a POST that creates."""
        headers = {"authorization": f"Bearer {key}"} | ({"idempotency-key": once} if once else {})
        try:
            response = await self._client.request(method, path, json=body, headers=headers, params=query)
        except httpx2.HTTPError as error:
            raise Away(str(error)) from None
        return result_of(response)

    async def deliver(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post a webhook's exact bytes; the status of the answer, 0 when nobody answered."""
        try:
            response = await self._client.post(path, content=body, headers=headers)
        except httpx2.HTTPError:
            return 0
        return response.status_code

    async def close(self) -> None:
        await self._client.aclose()
