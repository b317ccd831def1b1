"""The deal's page: its languages, its head, its headers, and what it costs."""

import base64
import hashlib
import re
from collections.abc import Iterator
from html import unescape

import pytest

from adapters.acquisition.pages.locale import negotiated
from adapters.acquisition.postgres.landing import STAMPS
from adapters.shared.texts import LOCALES, problems
from tests.acquisition.support import DealWorld, percent
from tests.support.statements import Sent, noted
from tests.support.world import BASE_URL, ShopWorld


@pytest.fixture
def queries() -> Iterator[list[Sent]]:
    with noted() as seen:
        yield seen


def about(queries: list[Sent], shop: ShopWorld) -> list[str]:
    """What was sent of the shop, with its parameters; without what goes on beside: tracking's reports, and the watcher
    that asks twice a second whether the pages on the shelf still hold."""
    beside = STAMPS.decode()
    found = [
        f"{sent.statement} {sent.parameters!r}"
        for sent in queries
        if "tracking" not in sent.user and sent.statement != beside
    ]
    return [query for query in found if str(shop.shop_id) in query or shop.slug in query]


def test_a_warm_page_asks_the_database_nothing(deal: DealWorld, queries: list[Sent]) -> None:
    deal.page(query="?lang=de")
    assert 0 < len(about(queries, deal.shop)) <= 8
    queries.clear()
    for query in ("?lang=de", "?lang=de&gv_click=abc&utm_source=x", "?lang=fr", "?lang=fi", ""):
        assert deal.page(query=query).status_code == 200
    assert about(queries, deal.shop) == []


def test_codes_are_forgiven_in_addresses(deal: DealWorld, queries: list[Sent]) -> None:
    deal.page()
    queries.clear()
    code = deal.codes["Ada"].lower()
    typed = deal.shop.client.get(f"/d/{deal.shop.slug.upper()}/{code[:4]}-{code[4:]}")
    assert typed.status_code == 200
    assert about(queries, deal.shop) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_is_complete(deal: DealWorld, locale: str) -> None:
    page = deal.page(query=f"?lang={locale}")
    assert page.status_code == 200
    assert f'<html lang="{locale}">' in page.text
    assert page.headers["content-language"] == locale
    assert page.headers["vary"] == "Accept-Language"
    amount = re.search(r'class="worth">([^<]+)<', page.text)
    assert amount is not None
    assert unescape(amount[1]).replace("\xa0", " ") in {"10 €", "€ 10", "€10"}
    if locale != "en":
        english = deal.page(query="?lang=en").text
        shared = set(sentences(english)) & set(sentences(page.text))
        assert shared <= {"Website", "Nordlicht", "Deutsch", "English", "N", *amounts(english)}


def sentences(html: str) -> list[str]:
    body = re.sub(r"<style>.*?</style>|<head>.*?</head>", "", html, flags=re.DOTALL)
    return [text.strip() for text in re.findall(r">([^<]+)<", body) if text.strip()]


def amounts(html: str) -> list[str]:
    return [text for text in sentences(html) if re.fullmatch(r"[\d€\s\xa0.,%]+", unescape(text))]


def test_the_catalogues_have_no_problems() -> None:
    from adapters.acquisition.container import LOCALES_FOLDER

    assert problems(LOCALES_FOLDER.parent) == []


def test_the_head_makes_a_link_preview(deal: DealWorld) -> None:
    html = deal.page(query="?lang=en").text
    head = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html))
    address = f"{BASE_URL}{deal.path()}"
    assert unescape(head["og:title"]) == "Ada has €10 for you at Nordlicht"
    assert head["twitter:card"] == "summary_large_image"
    assert head["og:url"] == address
    assert head["og:locale"] == "en_GB"
    assert f'<link rel="canonical" href="{address}">' in html
    image = head["og:image"].removeprefix(BASE_URL)
    assert head["og:image"] == head["twitter:image"]
    picture = deal.shop.client.get(unescape(image))
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert len(picture.content) < 100_000


def test_a_shop_with_a_logo_shows_it_in_previews(deal: DealWorld) -> None:
    brand = {"logo_url": "https://nordlicht.example/logo.png", "colour": "#ffcc00", "colour_text": "#ffffff"}
    deal.shop.tell("acquisition", "shops.shop_changed", deal.shop.details | {"brand": brand, "revision": 99})
    head = deal.page().text
    assert '<meta property="og:image" content="https://nordlicht.example/logo.png">' in head
    assert '<meta name="twitter:card" content="summary">' in head


def test_the_page_is_light_and_asks_nobody_else(deal: DealWorld) -> None:
    page = deal.page()
    assert len(page.content) < 14 * 1024
    assert "<script" not in page.text
    assert not re.search(r"\b(src|srcset)=|@import|url\(", page.text)
    assert re.findall(r'<link rel="(?!canonical|alternate|icon)', page.text) == []
    policy = page.headers["content-security-policy"]
    assert "script" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    styles = re.findall(r"<style>(.*?)</style>", page.text, flags=re.DOTALL)
    assert len(styles) == 2
    for style in styles:
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert " style=" not in page.text


def test_percent_deals_say_so(shop: ShopWorld) -> None:
    deal = DealWorld(shop)
    deal.programme(friend_deal=percent(1250, 2500), first_order_only=False, minimum_order_minor=0, claim_days=1)
    deal.advocate()
    text = unescape(deal.page().text).replace("\xa0", " ")
    for part in ("12,5 %", "Rabatt auf deine Bestellung", "Höchstens 25 €", "Kein Mindestbestellwert", "1 Tag gültig"):
        assert part in text
    assert "Neukund" not in text


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_what_is_not_there_is_explained(deal: DealWorld, method: str) -> None:
    client = deal.shop.client
    for path in (
        f"/d/{deal.shop.slug}/0000",
        f"/d/{deal.shop.slug}/%00%C3%28",
        "/d/nobody/7K2M",
        "/d/%20/%20",
        "/d/ä/ö",
    ):
        answer = client.request(method, path, headers={"accept-language": "sv"})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert (answer.text == "") == (method == "HEAD")
    assert client.get("/d/nobody/7K2M", headers={"accept-language": "sv"}).headers["content-language"] == "sv"


def test_head_says_how_long_the_page_is(deal: DealWorld) -> None:
    head = deal.shop.client.head(deal.path())
    assert head.status_code == 200
    assert int(head.headers["content-length"]) == len(deal.page().content)


def test_paths_that_only_begin_alike_are_not_ours(deal: DealWorld) -> None:
    for path in ("/dx/a/b", "/demonstration/a/b", "/d/only-a-shop", "/d/a/b/c"):
        assert deal.shop.client.get(path).headers["content-type"] != "text/html; charset=utf-8"


def test_a_renamed_shop_moves_at_once(deal: DealWorld) -> None:
    assert deal.page().status_code == 200
    before = deal.path()
    deal.shop.details |= {"slug": f"{deal.shop.slug}-neu", "title": "Südlicht", "revision": 99}
    deal.shop.tell("acquisition", "shops.shop_changed", deal.shop.details)
    deal.shop.eventually(lambda: deal.shop.client.get(before).status_code == 404, within=5)
    assert "Südlicht" in deal.page().text


@pytest.mark.parametrize(
    ("asked", "accepts", "expected"),
    [
        ("", "", "de"),
        ("", "fr;q=0.9, en;q=0.8", "fr"),
        ("", "da, en;q=0.1", "en"),
        ("", "en;q=0, *;q=0.5", "de"),
        ("", "nl-BE,nl;q=0.9", "de"),
        ("fi", "fr", "fi"),
        ("nb-NO", "fr", "nb"),
        ("no", "", "nb"),
        ("xx", "fr", "fr"),
        ("", "fr;q=nonsense, en;q=0.3", "en"),
        ("", "," * 1000 + ";q=;;", "de"),
    ],
)
def test_the_language_follows_the_reader(asked: str, accepts: str, expected: str) -> None:
    assert negotiated(asked, accepts, ("de", "fr", "en"), "de") == expected
