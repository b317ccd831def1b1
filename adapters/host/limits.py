"""What the structs of the API refuse and the OpenAPI document would leave out."""

import functools
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from adapters.host.descriptions import struct_of

_REFERENCE: Final = "#/components/schemas/{name}"
_OF_TEXTS: Final = ("minLength", "maxLength", "pattern", "examples")
_INSIDE: Final = ("items", "additionalProperties")


def with_limits(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with every schema as narrow as its struct.

    A body refuses fields that it does not know. Litestar's document says neither that nor how long texts in lists and
    maps may be; msgspec knows both.
    """
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        struct = struct_of(name, str(schema.get("title", "")))
        if struct is None:
            continue
        if struct.__struct_config__.forbid_unknown_fields:
            schema["additionalProperties"] = False
        for field, exact in _properties(struct).items():
            for given, wanted in _alike(schema.get("properties", {}).get(field, {}), exact):
                _narrow(given, wanted)
    return document


@functools.cache
def _properties(struct: type[Struct]) -> dict[str, dict[str, Any]]:
    _, known = msgspec.json.schema_components([struct], ref_template=_REFERENCE)
    return dict(known[struct.__name__].get("properties", {}))


def _alike(given: dict[str, Any], exact: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Both schemas of the lists and maps among what a field may be."""
    for wanted in exact.get("anyOf", [exact]):
        for one in given.get("oneOf", [given]):
            if one.get("type") == wanted.get("type"):
                yield one, wanted


def _narrow(given: dict[str, Any], exact: dict[str, Any]) -> None:
    for inside in _INSIDE:
        wanted = exact.get(inside)
        if inside in given and isinstance(wanted, dict) and wanted.get("type") == "string":
            given[inside] = {"type": "string"} | {name: wanted[name] for name in _OF_TEXTS if name in wanted}
