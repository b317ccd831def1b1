"""What is wrong with the shape of a request, in words for whoever sent it instead of those of the decoder."""

import re
from functools import lru_cache
from typing import Any, Final

import msgspec.inspect as shapes

_KINDS: Final = {
    "str": "a text", "int": "a whole number", "float": "a number", "decimal": "a number", "bool": "true or false",
    "null": "null", "array": "a list", "object": "an object", "datetime": "a time", "date": "a day",
}  # fmt: skip
_WRONG_KIND: Final = re.compile(r"Expected `([\w |]+)`, got `(\w+)`")
_LENGTH: Final = re.compile(r"Expected `(str|array|object|bytes)` of length (>=|<=|==) (\d+)")
_RANGE: Final = re.compile(r"Expected `(?:int|float|decimal)` (>=|<=|>|<) (\S+)")
_ENUM: Final = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_PATTERN: Final = re.compile(r"Expected `str` matching regex '(.*)'", re.DOTALL)
_ONE_OF: Final = re.compile(r"\^\((\w+(?:\|\w+)+)\)\$")
_FIELD: Final = re.compile(r"Object (missing required|contains unknown) field `([^`]*)`")
_PARTS: Final = {"str": "characters", "array": "items", "object": "fields", "bytes": "bytes"}
_LIMITS: Final = {">=": "at least", "<=": "at most", "==": "exactly", ">": "more than", "<": "less than"}
_FIXED: Final = {
    "Invalid RFC3339 encoded datetime": "This must be a time with its offset, such as 2026-11-22T10:00:00Z.",
    "Expected `datetime` with a timezone component": "The time lacks its offset: write 2026-11-22T10:00:00Z, "
    "or +01:00 in the place of Z.",
    "Invalid RFC3339 encoded date": "This must be a day, such as 2026-11-22.",
}


def in_words(said: str, shape: shapes.Type | None = None) -> str:
    """What the decoder said, for people. With the field's shape also what would be taken. What is not known stays."""
    for reading in (_of_kind, _of_size, _of_field):
        words = reading(said)
        if words is not None:
            return words
    if _ENUM.fullmatch(said):
        return _one_of(_choices(shape)) or "This is none of the values that are documented."
    pattern = _PATTERN.fullmatch(said)
    return _of_pattern(pattern[1], shape) if pattern else _FIXED.get(said, said)


def shape_at(kind: Any, place: str) -> shapes.Type | None:
    """The shape of the field at a place such as "terms.lines[0].kind" within a type; None where it cannot be told."""
    try:
        shape: shapes.Type | None = _shape_of(kind)
    except TypeError:
        return None
    for step in re.findall(r"\[[^\]]*\]|[^.\[\]]+", place):
        shape = _within(shape, step)
    return shape


@lru_cache(maxsize=256)
def _shape_of(kind: Any) -> shapes.Type:
    return shapes.type_info(kind)


def _within(shape: shapes.Type | None, step: str) -> shapes.Type | None:
    for option in _options(shape):
        if step.startswith("["):
            inner = getattr(option, "item_type", None) or getattr(option, "value_type", None)
        else:
            fields = getattr(option, "fields", ())
            inner = next((field.type for field in fields if field.encode_name == step), None)
        if inner is not None:
            return inner  # type: ignore[no-any-return]
    return None


def _options(shape: shapes.Type | None) -> list[shapes.Type]:
    """The shape without what is said about it, and each of several that may stand there."""
    if isinstance(shape, shapes.Metadata):
        return _options(shape.type)
    if isinstance(shape, shapes.UnionType):
        return [option for one in shape.types for option in _options(one)]
    return [] if shape is None else [shape]


def _choices(shape: shapes.Type | None) -> list[str]:
    return [
        str(value)
        for option in _options(shape)
        for value in (
            option.values
            if isinstance(option, shapes.LiteralType)
            else [member.value for member in option.cls]
            if isinstance(option, shapes.EnumType)
            else []
        )
    ]


def _one_of(values: list[str]) -> str:
    return f"This must be one of {', '.join(values)}." if values else ""


def _of_kind(said: str) -> str | None:
    found = _WRONG_KIND.fullmatch(said)
    if found is None:
        return None
    wanted = [_KINDS.get(name, name) for name in found[1].split(" | ")]
    return f"This must be {' or '.join(wanted)}, and is {_KINDS.get(found[2], found[2])}."


def _of_size(said: str) -> str | None:
    length = _LENGTH.fullmatch(said)
    if length is not None:
        if (length[2], length[3]) == (">=", "1"):
            return "This must not be empty."
        return f"This must have {_LIMITS[length[2]]} {length[3]} {_PARTS[length[1]]}."
    limit = _RANGE.fullmatch(said)
    return f"This must be {_LIMITS[limit[1]]} {limit[2]}." if limit is not None else None


def _of_field(said: str) -> str | None:
    found = _FIELD.fullmatch(said)
    if found is None:
        return None
    return f"`{found[2]}` is missing." if found[1] == "missing required" else f"There is no field `{found[2]}` here."


def _of_pattern(pattern: str, shape: shapes.Type | None) -> str:
    named = _ONE_OF.match(pattern)
    if named:
        return _one_of(named[1].split("|"))
    if "[^" in pattern:
        return "This holds a character that cannot stand here, such as a line break, or none that can be seen."
    example = _example(shape)
    return f"This must look like {example}." if example else "This does not have the form that is documented."


def _example(shape: shapes.Type | None) -> str:
    if isinstance(shape, shapes.UnionType):
        return next((found for one in shape.types if (found := _example(one))), "")
    if isinstance(shape, shapes.Metadata):
        return str(next(iter((shape.extra_json_schema or {}).get("examples", [])), ""))
    return ""
