"""Links, clicks, connections and deliveries: the small decisions."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tracking.addresses import read_address
from kernel.ids import ShopId
from tracking.domain.click import CLICK_IDS, UTM, click_ids_of, utm_of, visitor_of
from tracking.domain.connection import (
    Connection,
    ConnectionId,
    ExchangeOpen,
    NoOldSecret,
    SecretNeeded,
    SecretUnfit,
    first_secrets,
    next_secret,
)
from tracking.domain.delivery import pause_s
from tracking.domain.destination import BadDestination, checked_destination, host_of, own_hosts
from tracking.domain.landing import Landing

HOSTS = own_hosts(
    read_address("https://nordlicht.example"),
    read_address("http://share.example:8443"),
    ["xn--nrdlicht-n4a.example", "go.nordlicht.example", "nordlicht.example"],
    {"go.nordlicht.example"},
)


@pytest.mark.parametrize(
    ("given_address", "kept"),
    [
        ("https://nordlicht.example", "https://nordlicht.example/"),
        ("HTTPS://Nordlicht.Example/Lamps?a=1#b", "https://nordlicht.example/Lamps?a=1#b"),
        ("http://share.example:8443/d/x", "http://share.example:8443/d/x"),
        ("https://nordlicht.example:443/a/../b", "https://nordlicht.example/b"),
        ("https://nordlicht.example?x=a@b", "https://nordlicht.example/?x=a@b"),
        ("https://nordlicht.example/lämpchen?q=ü", "https://nordlicht.example/l%C3%A4mpchen?q=%C3%BC"),
        ("https://n%6frdlicht.example/", "https://nordlicht.example/"),
        ("https://\uff4eordlicht.example/", "https://nordlicht.example/"),
        ("https://xn--nrdlicht-n4a.example/", "https://xn--nrdlicht-n4a.example/"),
        ("https://nördlicht.example/", "https://xn--nrdlicht-n4a.example/"),
    ],
)
def test_good_destinations(given_address: str, kept: str) -> None:
    assert checked_destination(given_address, HOSTS, read_address) == kept


@pytest.mark.parametrize(
    "address",
    [
        "", "javascript:alert(1)", "//nordlicht.example/", "ftp://nordlicht.example/", "https://nordlicht.example.evil/",
        "https://nordlicht.example@evil.test/", "https://user@nordlicht.example/", "https://evil.test\\@nordlicht.example/",
        "https://nordlicht.example\n.evil.test/", "https://nordlicht.example:99999/", "https://nordlicht.example:444/",
        "https:///lamps", "https://[::1", "https://nordlicht.example/" + "x" * 3000,
        "https://nordlicht.example/" + "ä" * 400, "https://nordlicht.example/\u202egnp", "https://nordlicht.example/\u200b",
        "https:nordlicht.example/", "https:/nordlicht.example/", "/lamps", "lamps", "\\\\nordlicht.example",
        "https:\\\\nordlicht.example",
        "https://nordlicht.example\\@evil.test/", "https://nordlicht.example/\\evil", "https://@nordlicht.example/", "https://:@nordlicht.example/",
        "https://nordlicht.example:80@evil.test/", "https://nordlicht.example&@evil.test/", "https://evil.test#@nordlicht.example/",
        "https://evil.test?nordlicht.example", "https://nordlicht.example.", "https://nordlicht.example./", "https://www.nordlicht.example/",
        "https://nordlicht\u3002evil.test/", "https://n\u043erdlicht.example/", "https://nordl\u0131cht.example/", "https://nordlicht.example%2eevil.test/",
        "https://nordlicht.example%00.evil.test/", "https://nordlicht.example\t/", "\thttps://nordlicht.example/", " https://nordlicht.example/",
        "https://nordlicht.example/\x00", "https://nordlicht.example/\r\nset-cookie:a=b", "https://nordlicht.example/\u0085",
        "data:text/html,<script>", "blob:https://nordlicht.example/x", "filesystem:https://nordlicht.example/x", "file:///etc/passwd",
        "HtTpS:nordlicht.example", "view-source:https://nordlicht.example/", "http://127.0.0.1/", "http://0x7f000001/", "http://2130706433/",
        "http://169.254.169.254/", "https://[::ffff:127.0.0.1]/", "https://nordlicht.example:0443@evil.test", "https://\ud800nordlicht.example/",
    ],
)  # fmt: skip
def test_bad_destinations(address: str) -> None:
    with pytest.raises(BadDestination):
        checked_destination(address, HOSTS, read_address)


@pytest.mark.parametrize(
    "address",
    [
        "http://share.example:8443/l/ADA22026", "http://share.example:8443/l/nordlicht/summer?a=1#b",
        "http://share.example:8443//l/ADA22026", "http://share.example:8443/%6C/ADA22026", "http://share.example:8443/d/../l/x",
        "https://go.nordlicht.example/summer", "https://go.nordlicht.example/summer/", "https://go.nordlicht.example/l/summer",
    ],
)  # fmt: skip
def test_a_link_is_no_destination(address: str) -> None:
    with pytest.raises(BadDestination, match="a link itself"):
        checked_destination(address, HOSTS, read_address)


@pytest.mark.parametrize(
    "address",
    [
        "https://nordlicht.example/l/lamps", "https://nordlicht.example/summer", "https://xn--nrdlicht-n4a.example/l/x",
        "http://share.example:8443/l", "http://share.example:8443/summer", "http://share.example:8443/d/nordlicht/ADA22026",
        "https://go.nordlicht.example/", "https://go.nordlicht.example/d/nordlicht/ADA22026",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_link_is_a_destination(address: str) -> None:
    assert checked_destination(address, HOSTS, read_address) == address


def test_a_storefront_that_serves_links_keeps_its_pages() -> None:
    storefront = read_address("https://nordlicht.example")
    hosts = own_hosts(storefront, None, ["nordlicht.example"], {"nordlicht.example"})
    assert checked_destination("https://nordlicht.example/lamps", hosts, read_address)
    with pytest.raises(BadDestination):
        checked_destination("https://nordlicht.example/l/lamps", hosts, read_address)


@given(st.text())
def test_any_text_is_a_destination_or_refused(address: str) -> None:
    try:
        kept = checked_destination(address, HOSTS, read_address)
    except BadDestination:
        return
    assert host_of(kept) in HOSTS
    assert kept.isascii()
    assert checked_destination(kept, HOSTS, read_address) == kept


@pytest.mark.parametrize(
    ("destination", "incoming", "token", "target"),
    [
        ("https://s/p", b"", None, b"https://s/p"),
        ("https://s/p", b"", "T", b"https://s/p?gv_click=T"),
        ("https://s/p?x=1", b"a=1&a=&=&b", "T", b"https://s/p?x=1&a=1&a=&=&b&gv_click=T"),
        ("https://s/p?x=1#f", b"a=%20+", None, b"https://s/p?x=1&a=%20+#f"),
        ("https://s/p?", b"a", None, b"https://s/p?a"),
    ],
)
def test_the_incoming_query_follows_the_destinations_own(
    destination: str, incoming: bytes, token: str | None, target: bytes
) -> None:
    assert Landing(destination).target(incoming, utm_of(incoming), token) == target


@given(st.binary().filter(lambda raw: b"#" not in raw))
def test_the_incoming_query_is_kept_byte_for_byte(raw: bytes) -> None:
    assert Landing("https://s/p").target(raw, utm_of(raw), None) == (b"https://s/p?" + raw if raw else b"https://s/p")


def test_campaign_values_are_kept_as_written() -> None:
    raw = b"utm_source=a%20b+c&UTM_Medium=%F0%9F&utm_source=second&utm_term=&utm%5Fid=7&other=1"
    found = dict(zip(UTM, utm_of(raw), strict=True))
    assert found == {
        "utm_source": "a%20b+c",
        "utm_medium": "%F0%9F",
        "utm_campaign": None,
        "utm_term": "",
        "utm_content": None,
        "utm_id": "7",
    }


@given(st.binary())
def test_any_query_can_be_read(raw: bytes) -> None:
    assert len(utm_of(raw)) == len(UTM)


@pytest.mark.parametrize(
    ("agent", "method", "purpose", "visitor"),
    [
        ("Mozilla/5.0 (iPhone)", "GET", "", "person"),
        ("Mozilla/5.0 (iPhone)", "HEAD", "", "preview"),
        ("Mozilla/5.0 (iPhone)", "GET", "prefetch;prerender", "preview"),
        ("WhatsApp/2.1", "GET", "", "preview"),
        ("Mozilla/5.0 (compatible; Bluesky Cardyb/1.1)", "GET", "", "preview"),
        ("Slackbot-LinkExpanding 1.0", "GET", "", "preview"),
        ("Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots", "GET", "", "preview"),
        ("Viber/20.1.0.8 CFNetwork/1408", "GET", "", "preview"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 Snapchat/12.21 (like Safari)", "GET", "", "person"),
        ("Mozilla/5.0 (Linux; Android 13; wv) Chrome/109 Mobile Safari/537.36 Viber/20.1", "GET", "", "person"),
        ("crawler", "GET", "", "bot"),
        ("", "GET", "", "bot"),
    ],
)
def test_who_visits(agent: str, method: str, purpose: str, visitor: str) -> None:
    assert visitor_of(agent=agent, method=method, purpose=purpose, is_crawler=lambda a: a == "crawler") == visitor


def connection(*secrets: str) -> Connection:
    values: dict[str, Any] = {"shop_id": ShopId(UUID(int=1)), "connection_id": ConnectionId(UUID(int=2))}
    return Connection(**values, kind="shopify", title="x", secrets=secrets, created_at=datetime(2026, 1, 1, tzinfo=UTC))


def test_secrets_are_exchanged_one_after_the_other() -> None:
    both = connection("old-secret").rotated("new-secret")
    assert both.secrets == ("new-secret", "old-secret")
    assert both.rotated("new-secret") == both
    with pytest.raises(ExchangeOpen):
        both.rotated("third-secret")
    assert both.without_old_secret().secrets == ("new-secret",)
    assert both.without_new_secret().secrets == ("old-secret",)
    with pytest.raises(NoOldSecret):
        connection("old-secret").without_new_secret()
    with pytest.raises(NoOldSecret):
        connection("old-secret").without_old_secret()


def test_the_first_secret() -> None:
    assert first_secrets("generic", None, "made-secret") == ("made-secret",)
    assert first_secrets("shopify", "given-secret", "made-secret") == ("given-secret",)
    assert first_secrets("stripe", None, "made-secret") == ()
    with pytest.raises(SecretNeeded):
        next_secret("shopify", None, "made-secret")
    for unfit in ("short", "x" * 300, "with a space", "ümläut-secret"):
        with pytest.raises(SecretUnfit):
            next_secret("generic", unfit, "made-secret")


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    assert [pause_s(tries) for tries in range(1, 9)] == [2, 6, 18, 54, 162, 486, 900, 900]


def test_marks_of_networks_are_kept_as_written() -> None:
    raw = b"GCLID=a%20b&gclid=second&fbclid=&li_fat_id=x+y&sccid=Z&wbraid&g%62raid=1&notgclid=2&gclid2=3"
    assert click_ids_of(raw) == {"gclid": "a%20b", "fbclid": "", "li_fat_id": "x+y", "ScCid": "Z", "gbraid": "1"}
    assert click_ids_of(b"a=1&utm_source=gclid") is None
    assert click_ids_of(b"") is None


@given(st.binary())
def test_marks_can_be_looked_for_in_any_query(raw: bytes) -> None:
    found = click_ids_of(raw)
    assert found is None or set(found) <= set(CLICK_IDS)


@pytest.mark.parametrize("name", CLICK_IDS)
def test_every_mark_is_recognised(name: str) -> None:
    assert click_ids_of(f"a=&{name}=Val%2F-1&b".encode()) == {name: "Val%2F-1"}
