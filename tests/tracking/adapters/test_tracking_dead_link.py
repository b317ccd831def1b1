"""The page of a link that leads nowhere: everybody's language, nothing from elsewhere, nothing that runs."""

import base64
import hashlib
import re

import pytest

from adapters.shared.texts import LOCALES
from adapters.tracking.pages.dead_link import Page, Why, dead_link

REASONS: tuple[Why, ...] = ("unknown", "closed", "away")


def words(page: Page) -> tuple[str, ...]:
    return tuple(re.findall(r"<(?:h1|p)>([^<]+)<", page.body.decode()))


@pytest.mark.parametrize("why", REASONS)
def test_everybody_reads_their_own_language(why: Why) -> None:
    said = {locale: words(dead_link(why, f"{locale}-XX,en;q=0.1")) for locale in LOCALES}
    assert all(len(texts) == 2 for texts in said.values())
    for place in (0, 1):
        assert len({texts[place] for texts in said.values()}) == len(LOCALES)
    assert words(dead_link(why, "xx")) == said["en"]
    assert words(dead_link(why, "\x00\xff, ;q=")) == said["en"]


@pytest.mark.parametrize("why", REASONS)
def test_the_page_runs_nothing_and_fetches_nothing(why: Why) -> None:
    page = dead_link(why, "fi")
    html, headers = page.body.decode(), dict(page.headers)
    style = re.search("<style>(.*)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in headers[b"content-security-policy"].decode()
    assert headers[b"content-security-policy"].startswith(b"default-src 'none';")
    assert '<link rel="icon" href="data:' in html and b"img-src data:;" in headers[b"content-security-policy"]
    assert headers[b"cache-control"] == b"no-store"
    assert headers[b"content-language"] == b"fi"
    assert not re.findall(r"<script|https?://|url\(| on[a-z]+=| style=", html)


def test_what_went_wrong_is_told_apart() -> None:
    assert len({words(dead_link(why, "en")) for why in REASONS}) == len(REASONS)
