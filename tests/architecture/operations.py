"""The operations of the committed OpenAPI document."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

DOCUMENT: Final[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "docs" / "openapi.json").read_text("utf-8")
)
METHODS: Final = ("get", "post", "put", "patch", "delete")


class Operation(Struct, frozen=True, kw_only=True):
    """One route and method. `public` needs no key."""

    name: str
    method: str
    path: str
    tag: str
    public: bool
    document: dict[str, Any]

    def parameters(self, where: str) -> list[str]:
        """Names of the parameters in "path" or "query"."""
        return [p["name"] for p in self.document.get("parameters", []) if p["in"] == where]


def operations(document: dict[str, Any] = DOCUMENT) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(
                    name=item[method].get("operationId", f"{method} {path}"),
                    method=method.upper(),
                    path=path,
                    tag=next(iter(item[method].get("tags", [])), ""),
                    public=item[method].get("security") in ([], [{}]),
                    document=item[method],
                )
