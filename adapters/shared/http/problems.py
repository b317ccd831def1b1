"""Errors as RFC 9457 problem documents: the one mapping from refusal to HTTP status."""

import re
from typing import Any, Final

import msgspec
import psycopg
import sqlalchemy.exc
import structlog
from litestar import Request, Response
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter
from msgspec import Struct

from adapters.shared.http.request_id import current_request_id
from adapters.shared.http.wording import in_words, shape_at
from adapters.shared.postgres.errors import Unavailable, is_away
from kernel.errors import DomainError, Kind

STATUS: Final[dict[Kind, int]] = {
    "invalid": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "stale": 412,
    "too_large": 413,
    "too_many": 429,
    "unavailable": 503,
}
MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = "2"
_TITLES: Final = {
    400: "The request is malformed",
    401: "Who you are is not known",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This method is not known here",
    409: "This conflicts with what is",
    410: "This is no longer here",
    412: "It has changed in the meantime",
    413: "This is too large",
    415: "This media type is not understood",
    422: "The request is refused",
    428: "A condition is required",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Grapevine cannot answer right now",
}
_CODES: Final = {
    400: "malformed_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    413: "too_large", 415: "unsupported_media_type", 429: "too_many_requests",
}  # fmt: skip
_UNSTORABLE: Final = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded, sqlalchemy.exc.DataError, UnicodeError)
_CODE_UNSTORABLE: Final = "unstorable_input"
_NAMED: Final = re.compile(r"(?:missing required|contains unknown) field `([^`]*)`")
_DETAILS: Final = {
    404: "No route has this address; /docs lists them all.",
    405: "This address does not take this method; Allow says which it takes.",
}
"""Where Litestar only repeats what the status is called."""
_NO_BODY: Final = "'data'"
"""How Litestar says that a body is missing."""
_log = structlog.get_logger()


class Fault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the request. `pointer` (RFC 6901) names the field; "" is the whole body."""

    pointer: str
    detail: str
    code: str


class MalformedBody(ClientException):
    """The body is no JSON; `detail` says where."""


class NotAsDocumented(ClientException):
    """The request does not have the shape that is documented; `faults` say where."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("The request does not have the shape that is documented.")
        self.faults = faults


class Problem(Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457). `code` is stable; `detail` is for people and may change."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Fault] = []


def problem_of(error: DomainError) -> Problem:
    status = STATUS[error.kind]
    faults = [Fault(pointer=error.pointer, detail=error.detail, code=error.code)] if error.pointer is not None else []
    return _problem(status, error.code, error.detail, faults, title=error.title)


def _problem(status: int, code: str, detail: str, faults: list[Fault], *, title: str = "") -> Problem:
    return Problem(
        type=f"urn:grapevine:problem:{code}",
        title=title or _TITLES.get(status, "Refused"),
        status=status,
        detail=detail,
        code=code,
        request_id=current_request_id(),
        errors=faults,
    )


def method_not_allowed() -> Problem:
    """For plain ASGI handlers, which look at the method themselves."""
    return _problem(405, _CODES[405], _DETAILS[405], [])


def encode(problem: Problem) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers of a problem, for plain ASGI handlers."""
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"cache-control", b"no-store")]
    if problem.status in (429, 503):
        headers.append((b"retry-after", RETRY_AFTER_S.encode()))
    if problem.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return msgspec.json.encode(problem), headers


def _answer(problem: Problem, extra: dict[str, str] | None = None) -> Response[Any]:
    body, headers = encode(problem)
    fields = {name.decode(): value.decode() for name, value in headers[1:]} | (extra or {})
    return Response(content=body, status_code=problem.status, media_type=MEDIA_TYPE, headers=fields)


def on_refusal(_: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    return _answer(problem_of(error))


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    faults = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        faults = [_fault(_as_asked(item, request)) for item in error.extra if isinstance(item, dict)]
    status = error.status_code
    code = "invalid_request" if isinstance(error, ValidationException) else _CODES.get(status, "refused")
    detail = _DETAILS.get(status, error.detail) if status < 500 else _TITLES[500]
    if isinstance(error, ValidationException):
        detail = "The request does not have the shape that is documented."
        if not faults:
            faults = [Fault(pointer="", detail=str(error.detail), code="invalid")]
    if isinstance(error, NotAsDocumented):
        code, faults = "invalid_request", error.faults
    if isinstance(error, MalformedBody):
        faults = [Fault(pointer="", detail=str(error.detail), code=code)]
    return _answer(_problem(status, code, detail, faults), dict(error.headers or {}))


def _as_asked(item: dict[str, Any], request: Request[Any, Any, Any]) -> dict[str, Any]:
    """A parameter by the name that the address has for it, `from` is `since` to Python, and with its shape."""
    handler = request.scope.get("route_handler")
    parameter = handler.parsed_fn_signature.parameters.get(item.get("key", "")) if handler is not None else None
    if parameter is None or item.get("source") == "body":
        return item
    definition = parameter.kwarg_definition
    named = {"key": definition.name} if isinstance(definition, QueryParameter) and definition.name else {}
    return item | {"shape": shape_at(parameter.annotation, "")} | named


def _fault(item: dict[str, Any]) -> Fault:
    """Name the field. Litestar gives its path as "terms.lines[0].net", and "data" for the body as a whole."""
    said, path = str(item.get("message", "")), str(item.get("key", ""))
    whole = path == "data" and item.get("source") == "body"
    if whole and said == _NO_BODY:
        said = "A body is missing."
    named = _NAMED.search(said)
    parts = [part for part in re.split(r"[.\[\]]+", "" if whole else path) if part] + ([named[1]] if named else [])
    detail = in_words(said, item.get("shape"))
    return Fault(pointer="".join(f"/{part}" for part in parts), detail=detail[:500], code="invalid")


def on_any(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    problem = problem_of_any(error)
    if problem.code == _CODE_UNSTORABLE and not problem.errors:
        given = {**request.path_params, **dict(request.query_params)}
        named = [f"/{name}" for name, value in given.items() if "\x00" in str(value)]
        faults = [Fault(pointer=at, detail=problem.detail, code=problem.code) for at in named]
        problem = msgspec.structs.replace(problem, errors=faults)
    return _answer(problem)


def problem_of_any(error: Exception) -> Problem:
    """Whatever happens: a refusal, the database is away, the input cannot be stored, or we have a bug."""
    if isinstance(error, DomainError):
        return problem_of(error)
    if is_away(error):
        return problem_of(Unavailable())
    if isinstance(error, RecursionError):
        return _problem(400, _CODES[400], "The request is nested too deep.", [])
    if isinstance(error, _UNSTORABLE):
        return _problem(422, _CODE_UNSTORABLE, "The input holds something that cannot be stored.", [])
    _log.exception("request.failed", exc_info=error)
    return _problem(500, "internal_error", "The failure was recorded under the request id.", [])


HANDLERS: Final[dict[int | type[Exception], Any]] = {
    DomainError: on_refusal,
    HTTPException: on_http_exception,
    Exception: on_any,
}


def title_of(status: int) -> str:
    """What a status says by itself."""
    return _TITLES[status]


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """`responses=` of a route: the problem documents it may answer, for the OpenAPI document."""
    return {
        status: ResponseSpec(
            data_container=Problem,
            description=_TITLES[status],
            generate_examples=False,
            media_type=MEDIA_TYPE,
        )
        for status in sorted({400, 401, 403, *statuses, 500, 503})
    }
