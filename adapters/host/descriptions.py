"""What the structs of the API say about themselves, for the OpenAPI document: docstrings of classes and of fields."""

import ast
import functools
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from typing import Any

from msgspec import Struct


def with_descriptions(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with every schema and property described as its struct's source describes it."""
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        struct = struct_of(name, str(schema.get("title", "")))
        if struct is None:
            continue
        if said := struct.__dict__.get("__doc__"):
            schema.setdefault("description", inspect.cleandoc(said))
        for field, description in fields_of(struct).items():
            if field in schema.get("properties", {}):
                schema["properties"][field].setdefault("description", description)
    return document


@functools.cache
def fields_of(struct: type) -> dict[str, str]:
    """Docstrings of a struct's fields, with those that it inherits."""
    said: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if base.__module__.startswith("adapters."):
            said |= _said_in(base)
    return said


@functools.cache
def _said_in(struct: type) -> dict[str, str]:
    """A docstring of a field is the text that stands right below it."""
    body = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in itertools.pairwise(statements)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


@functools.cache
def struct_of(name: str, title: str) -> type[Struct] | None:
    """The struct behind a schema: its title is the class; where two share it, the name begins with the module."""
    found = [
        struct
        for struct in _below(Struct)
        if struct.__name__ == title
        and struct.__module__.startswith("adapters.")
        and (name == title or f"{struct.__module__}.{title}".replace(".", "_").endswith(name))
    ]
    return found[0] if len(found) == 1 else None


def _below(base: type[Struct]) -> Iterator[type[Struct]]:
    below: list[type[Struct]] = base.__subclasses__()
    for struct in below:
        yield struct
        yield from _below(struct)
