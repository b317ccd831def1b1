"""The page /docs: Swagger UI over the OpenAPI document, with its assets from here: it works without the internet."""

from pathlib import Path
from typing import Final

import litestar_offline_docs
from litestar import Router
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin, SwaggerRenderPlugin
from litestar.static_files import create_static_files_router

ASSETS: Final = "/docs-assets"


def docs_plugins() -> list[OpenAPIRenderPlugin]:
    return [
        SwaggerRenderPlugin(
            path="/",
            js_url=f"{ASSETS}/swagger-ui-bundle.js",
            css_url=f"{ASSETS}/swagger-ui.css",
            standalone_preset_js_url=f"{ASSETS}/swagger-ui-standalone-preset.js",
        ),
        JsonRenderPlugin(path="/openapi.json"),
    ]


def docs_assets() -> Router:
    folder = Path(litestar_offline_docs.__file__).parent / "static"
    return create_static_files_router(path=ASSETS, directories=[folder], include_in_schema=False)
