"""The page /docs: Swagger UI over the OpenAPI document, with its assets from here: it works without the internet."""

from pathlib import Path
from typing import Any, Final

import litestar_offline_docs
from litestar import Litestar, Request, Router
from litestar.handlers import BaseRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, SwaggerRenderPlugin
from litestar.static_files import create_static_files_router

from adapters.host.descriptions import with_descriptions
from adapters.host.examples import with_examples
from adapters.host.limits import with_limits
from adapters.shared.http.problems import title_of

DESCRIPTION: Final = (Path(__file__).parent / "api.md").read_text("utf-8").rstrip()
"""How to begin, in Markdown: what stands above the routes."""
STYLE: Final = f"<style>{(Path(__file__).parent / 'docs.css').read_text('utf-8')}</style>"
ASSETS: Final = "/docs-assets"
_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "Repeat a request with its key and it has one effect; the first answer comes again. Kept 30 days."
        " 409 while the first request still runs, 422 for another request with the same key."
    ),
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]+$",
        "examples": ["order-1001-refund-1"],
    },
}

_KEY_REFUSED: Final = (409, 422)
"""See its description."""


def document_of(app: Litestar) -> dict[str, Any]:
    """The OpenAPI document of an app, with what middleware adds to its routes and what structs say of themselves."""
    return _completed(app.openapi_schema.to_schema(), app)


def _completed(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    complete = _with_idempotency_keys(_with_plain_routes(document, app), app)
    return with_examples(with_limits(with_descriptions(complete)))


def _with_plain_routes(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    """Plain handlers are unknown to Litestar's document: they bring what they say of themselves."""
    for route in app.routes:
        handler = getattr(route, "route_handler", None)
        said = handler.opt.get("document") if isinstance(handler, BaseRouteHandler) else None
        if said is not None:
            document["paths"][said["path"]] = said["operations"]
            document["components"]["schemas"].update(said["schemas"])
    return document


def _with_idempotency_keys(document: dict[str, Any], app: Litestar) -> dict[str, Any]:
    wanted = {
        str(operation): str(handler.opt.get("idempotency", "optional"))
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, BaseRouteHandler) and (operation := getattr(handler, "operation_id", None))
    }
    for path, item in document["paths"].items():
        operation = item.get("post", {})
        how = wanted.get(operation.get("operationId", ""), "none")
        parameters = operation.setdefault("parameters", []) if path.startswith("/api/") and how != "none" else None
        if parameters is not None and not any(each.get("name") == _KEY["name"] for each in parameters):
            parameters.append({**_KEY, "required": how == "required"})
            answers = operation["responses"]
            for status in _KEY_REFUSED:
                answers.setdefault(str(status), {**answers["400"], "description": title_of(status)})
    return document


class _Json(JsonRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return super().render(request, _completed(openapi_schema, request.app))


class _Swagger(SwaggerRenderPlugin):
    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        page = super().render(request, _completed(openapi_schema, request.app))
        return page.replace(b"<html>", b'<html lang="en">', 1)


def docs_plugins() -> list[OpenAPIRenderPlugin]:
    return [
        _Swagger(
            path="/",
            js_url=f"{ASSETS}/swagger-ui-bundle.js",
            css_url=f"{ASSETS}/swagger-ui.css",
            standalone_preset_js_url=f"{ASSETS}/swagger-ui-standalone-preset.js",
            favicon='<link rel="icon" href="data:,">',
            style=STYLE,
        ),
        _Json(path="/openapi.json"),
    ]


def docs_assets() -> Router:
    folder = Path(litestar_offline_docs.__file__).parent / "static"
    return create_static_files_router(path=ASSETS, directories=[folder], include_in_schema=False)
