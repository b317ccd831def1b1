"""The page of a link that leads nowhere: everybody's language, nothing from elsewhere, nothing that runs."""

import base64
import hashlib
import re

import pytest

from adapters.shared.texts import LOCALES
from adapters.tracking.pages.dead_link import Front, Page, Why, dead_link

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


@pytest.mark.parametrize("why", REASONS)
def test_a_shops_own_page_has_its_name_colours_and_way_in(why: Why) -> None:
    url = "https://shop.example/?a=1&b=2"
    page = dead_link(why, "fr", Front(title="Jour & Nuit", storefront_url=url, colour="#8a1c4a", colour_text="#ffffff"))
    html, policy = page.body.decode(), dict(page.headers)[b"content-security-policy"].decode()
    assert '<p class="shop"><span class="mark" aria-hidden="true">J</span>Jour &amp; Nuit</p>' in html
    assert "· Jour &amp; Nuit</title>" in html
    assert '<a href="https://shop.example/?a=1&amp;b=2">Découvrir Jour &amp; Nuit</a>' in html
    assert "--accent:#8a1c4a;" in html and '"theme-color" content="#8a1c4a"' in html
    style = re.search("<style>(.*)</style>", html, re.DOTALL)
    assert style and f"sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'" in policy
    assert words(page) == words(dead_link(why, "fr"))


def test_what_a_shop_says_of_itself_is_text_and_nothing_else() -> None:
    front = Front(
        title="<script>\u202e$title</script>\n", storefront_url="javascript:alert(1)", colour="red;}", colour_text="x"
    )
    html = dead_link("closed", "en", front).body.decode()
    assert "&lt;script&gt; $title&lt;/script&gt;</p>" in html
    assert not re.findall(r"<script|javascript:|red;|<a ", html)
    nameless = dead_link("closed", "en", Front(title=" \u200b", storefront_url="", colour="", colour_text=""))
    assert 'class="shop"' not in nameless.body.decode()


def test_what_went_wrong_is_told_apart() -> None:
    assert len({words(dead_link(why, "en")) for why in REASONS}) == len(REASONS)
