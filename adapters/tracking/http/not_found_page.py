"""The page behind a link that does not exist: short, in the visitor's language."""

from functools import lru_cache
from html import escape
from pathlib import Path

from adapters.shared.texts import SOURCE, Texts, accepted_locale

_texts = Texts(Path(__file__).parents[1] / "locales")

_PAGE = """<!doctype html>
<html lang="{locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem;color:#222}}</style>
</head><body><h1>{title}</h1><p>{advice}</p></body></html>
"""


def not_found_page(accept_language: str) -> bytes:
    """The whole page as UTF-8 HTML."""
    return _page(accepted_locale(accept_language, SOURCE))


@lru_cache(maxsize=16)
def _page(locale: str) -> bytes:
    title = _texts.text(locale, "This link leads nowhere")
    advice = _texts.text(locale, "It may have been cut off on its way. Ask the person who sent it to share it again.")
    return _PAGE.format(locale=locale, title=escape(title), advice=escape(advice)).encode()
