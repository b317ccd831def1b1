"""Writes docs/openapi.json from the code, or with --check says how it differs."""

import json
import sys
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """The OpenAPI document of an installation that hosts every context. Needs no database."""
    from adapters.host.asgi import build
    from adapters.host.docs_page import document_of
    from adapters.host.settings import Settings

    settings = Settings(environment="production", secret_key="x" * 32, database_url="postgresql://nowhere")
    return document_of(build(settings, "postgresql://nowhere"))


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    now = text()
    if "--check" not in sys.argv:
        DOCUMENT.write_text(now, "utf-8")
        return 0
    kept = DOCUMENT.read_text("utf-8") if DOCUMENT.exists() else ""
    if kept == now:
        return 0
    was, is_ = (json.loads(kept or "{}"), json.loads(now))
    changed = sorted(
        {
            path
            for path in was.get("paths", {}) | is_["paths"]
            if was.get("paths", {}).get(path) != is_["paths"].get(path)
        }
    )
    sys.stderr.write(f"docs/openapi.json is not what the code says; differing: {', '.join(changed) or 'schemas'}.\n")
    sys.stderr.write("Read the difference after `make openapi`: clients rely on this document.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
