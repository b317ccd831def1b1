"""Reward mails: every language, every kind, and nothing a person typed can break them."""

import re
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from adapters.engagement.mail.envelope import UnusableAddress, compose
from adapters.engagement.mail.writer import filled
from adapters.engagement.wording import _REASONS, reason
from adapters.shared.texts import LOCALES
from engagement.application.unsubscribe import Unsubscribing
from engagement.domain.message import _WORTH_A_MAIL
from tests.engagement.samples import BASE_URL, CUSTOMER, KEYS, NOW, SHOP, mail, recipient


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)


def tags(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    return parser.seen


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("side", ["advocate", "friend"])
@pytest.mark.parametrize("kind", sorted(set(_WORTH_A_MAIL.values())))
def test_every_mail_is_complete_in_every_language(locale: str, side: str, kind: str) -> None:
    shop = structs.replace(SHOP, locales=LOCALES)
    written = mail(shop, recipient(locale=locale), kind=kind, side=side, amount_minor=620)
    assert written.locale == locale
    assert f'lang="{locale}"' in written.html
    for text in (written.subject, written.text, written.html):
        assert "@@" not in text
        assert "{" not in re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)
    assert written.unsubscribe_url in written.text
    assert written.unsubscribe_url in written.html
    assert "<style" in written.html
    assert tags(written.html).count("h1") == 1
    assert "http://www.w3.org" not in written.subject


@pytest.mark.parametrize("code", [*_REASONS, "earned_fixed", "earned_percent", "unheard_of"])
def test_every_reason_has_a_sentence(code: str) -> None:
    for locale in LOCALES:
        for side in ("advocate", "friend"):
            assert reason(locale, code, side).endswith(".")


def test_french_leaves_a_space_before_a_colon() -> None:
    shop = structs.replace(SHOP, locales=LOCALES)
    assert "Votre récompense\u00a0: 12,50\u00a0€" in mail(shop, recipient(locale="fr")).text
    assert "Deine Prämie: 12,50\u00a0€" in mail(shop, recipient(locale="de")).text


def test_a_language_that_the_shop_does_not_speak_becomes_the_shops_own() -> None:
    assert mail(to=recipient(locale="fr")).locale == "de"
    assert mail(to=recipient(locale=None)).locale == "de"
    assert mail(to=recipient(locale="en-GB")).locale == "en"


def test_a_mail_names_the_day_in_the_shops_time_zone() -> None:
    late = NOW.replace(hour=23, minute=30)
    assert "23 November 2026" in mail(kind="reward_issued", changed_at=late).text


def test_headers_let_people_leave_with_one_click() -> None:
    content = compose(mail(), mail_from="Grapevine <no-reply@gv.example>", base_url=BASE_URL).content
    again = message_from_bytes(content, policy=default)
    assert again["From"] == "Nordlicht <no-reply@gv.example>"
    assert again["To"] == "ada@example.com"
    assert re.fullmatch(r"<https://gv\.example/u/[\w-]+>", again["List-Unsubscribe"])
    assert again["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert again["Auto-Submitted"] == "auto-generated"
    assert again["Message-ID"].endswith("@gv.example>")
    assert [part.get_content_type() for part in again.iter_parts()] == ["text/plain", "text/html"]
    assert max(map(len, content.split(b"\r\n"))) < 998


def test_the_unsubscribe_link_holds_no_personal_data() -> None:
    written = mail()
    token = written.unsubscribe_url.rpartition("/")[2]
    wish = KEYS.signer("unsubscribe").open(token, Unsubscribing, now=NOW)
    assert wish.customer_id == CUSTOMER
    assert "ada" not in repr(wish).lower()


@pytest.mark.parametrize(
    "hostile", ["Eve\r\nBcc: all@example.com", "<script>alert(1)</script>", '"><img src=x>', "{0}"]
)
def test_names_and_titles_cannot_break_out(hostile: str) -> None:
    plain, attacked = mail(), mail(structs.replace(SHOP, title=hostile), recipient(first_name=hostile))
    assert tags(attacked.html) == tags(plain.html)
    content = compose(attacked, mail_from="no-reply@gv.example", base_url=BASE_URL).content
    again = message_from_bytes(content, policy=default)
    assert again["Bcc"] is None
    sound = compose(plain, mail_from="no-reply@gv.example", base_url=BASE_URL).content
    assert again.keys() == message_from_bytes(sound, policy=default).keys()
    assert not again.defects


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_name_and_title_make_a_sound_mail(title: str, name: str) -> None:
    attacked = mail(structs.replace(SHOP, title=title), recipient(first_name=name))
    content = compose(attacked, mail_from="no-reply@gv.example", base_url=BASE_URL).content
    again = message_from_bytes(content, policy=default)
    assert again["To"] == "ada@example.com"
    assert again["Bcc"] is None
    assert "List-Unsubscribe" in again
    assert again["Subject"].replace(" ", "") == attacked.subject.replace(" ", "")
    html = again.get_body(("html",))
    assert html is not None
    assert html.get_content().splitlines() == attacked.html.splitlines()
    assert all(len(line) < 998 for line in content.split(b"\r\n"))


@pytest.mark.parametrize(
    "address", ["", "no at", "a@b\r\nBcc: c@d", "ä@example.com", "a@", "@b", "a b@c.example", "a@b,c@d.example"]
)
def test_an_address_that_no_server_takes_is_refused(address: str) -> None:
    with pytest.raises(UnusableAddress):
        compose(structs.replace(mail(), to=address), mail_from="no-reply@gv.example", base_url=BASE_URL)


def test_a_button_can_be_read_also_when_its_colours_are_one() -> None:
    written = mail(structs.replace(SHOP, colour="#1f6f54", colour_text="#1f6f54"))
    assert ";color: #ffffff" in written.html.replace("; color", ";color")
    assert ";color: #1f6f54" not in written.html.replace("; color", ";color")


@pytest.mark.parametrize("colour", ["red;}</style><script>", "", "#12345"])
def test_a_brand_that_is_no_colour_is_left_out(colour: str) -> None:
    written = mail(structs.replace(SHOP, colour=colour, logo_url="javascript:alert(1)", storefront_url="javascript:1"))
    assert "<script" not in written.html
    assert "javascript:" not in written.html
    assert "#1f6f54" in written.html


@given(st.text())
def test_values_are_escaped_into_their_place(value: str) -> None:
    html = filled(("<p>", "a", "</p>"), {"a": value})
    assert html.startswith("<p>")
    assert html.count("<") == 2
