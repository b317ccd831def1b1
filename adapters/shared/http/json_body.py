"""JSON bodies as requests bring them: what cannot be read or stored is refused with the place where it stands."""

import json
import re
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import SerializationException, ValidationException

from adapters.shared.http.problems import MalformedBody
from adapters.shared.http.wording import shape_at
from adapters.shared.postgres.group_commit import Unstorable

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_NUL: Final = b"\\u0000"


class JSONRequest(Request[Any, Any, Any]):
    """Refuses a body that is no JSON (MalformedBody), or has a text that no database holds (Unstorable).

    What the handler takes is made here, because Litestar reads bodies like addresses: "12" would be a number, a number
    a time, and "null" nothing.
    """

    async def json(self) -> Any:
        try:
            found = await super().json()
        except (SerializationException, UnicodeDecodeError, RecursionError) as error:
            raise _refusal(await self.body(), str(error)) from None
        if _NUL in await self.body():
            _refuse_unstorable(found)
        taken = self.route_handler.parsed_data_field
        return found if taken is None else _strictly(found, taken.annotation)


def _strictly(found: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at `$")
        place = at.rstrip("`").lstrip(".")
        fault = {"message": said, "key": place or "data", "source": "body", "shape": shape_at(kind, place)}
        raise ValidationException(said, extra=[fault]) from None


def _refusal(body: bytes, said: str) -> Exception:
    """Reads the body once more, more slowly and less strictly, to find where it is wrong."""
    try:
        _refuse_unstorable(json.loads(body.decode("utf-8", "surrogateescape")))
    except Unstorable as refusal:
        return refusal
    except json.JSONDecodeError as error:
        return MalformedBody(f"Line {error.lineno}, column {error.colno}: {error.msg}.")
    except RecursionError:
        return MalformedBody("The request is nested too deep.")
    except ValueError:
        pass
    return MalformedBody(said[:200])


def _refuse_unstorable(found: Any) -> None:
    pointer = place_of_unstorable(found)
    if pointer is not None:
        raise Unstorable("The text holds a character that cannot be stored.", pointer=pointer)


def place_of_unstorable(found: Any) -> str | None:
    """The pointer (RFC 6901) of the first text with NUL or half a character; of its object for a field's name."""
    left: list[tuple[str, Any]] = [("", found)]
    while left:
        at, value = left.pop()
        if isinstance(value, str) and _UNSTORABLE.search(value):
            return at
        if isinstance(value, dict):
            if any(_UNSTORABLE.search(name) for name in value):
                return at
            left += [(f"{at}/{_escaped(name)}", value[name]) for name in reversed(value)]
        elif isinstance(value, list):
            left += [(f"{at}/{number}", value[number]) for number in reversed(range(len(value)))]
    return None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
