"""Renders the pages, with headers that let them load nothing and be framed by nobody."""

import secrets
from pathlib import Path
from typing import Any, Final

import jinja2
from litestar import Response

_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def page(template: str, *, status: int = 200, frames: bool = False, **values: Any) -> Response[bytes]:
    """An HTML page. Styles carry a nonce; there is no script. `frames` allows frames of our own."""
    nonce = secrets.token_urlsafe(12)
    body = _PAGES.get_template(template).render(nonce=nonce, **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src https: data:; form-action 'self'; base-uri 'none';"
        f" frame-ancestors 'none'; frame-src {chr(39)}{'self' if frames else 'none'}{chr(39)}"
    )
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex, nofollow",
        "cache-control": "no-store",
    }
    return Response(body.encode(), status_code=status, media_type="text/html", headers=headers)
