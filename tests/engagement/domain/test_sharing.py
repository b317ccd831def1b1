"""Addresses that open a channel: everything arrives as it was, whatever it holds."""

from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.domain.sharing import (
    CHANNELS,
    LONGEST_TEXT,
    MalformedText,
    Words,
    address,
    clean_text,
    make_ready,
    slug,
    tagged_link,
)

LINK = "https://gv.example/l/7K2M9QX0?utm_source=x&utm_medium=referral&utm_campaign=a-b"
texts = st.text(max_size=200).filter(lambda text: "\r" not in text)


@given(texts, texts)
def test_a_mail_says_what_was_written(subject: str, text: str) -> None:
    opened = address("email", subject=subject, text=text, link=LINK)
    said_subject, _, said_body = opened.removeprefix("mailto:?subject=").partition("&body=")
    assert unquote(said_subject) == subject
    assert unquote(said_body) == f"{text}\n{LINK}".replace("\n", "\r\n")
    assert "+" not in opened


@given(texts)
def test_chats_say_what_was_written(text: str) -> None:
    sms = address("sms", subject="", text=text, link=LINK)
    assert unquote(sms.removeprefix("sms:?&body=")) == f"{text}\n{LINK}"
    whatsapp = urlsplit(address("whatsapp", subject="", text=text, link=LINK))
    assert dict(parse_qsl(whatsapp.query, keep_blank_values=True)) == {"text": f"{text}\n{LINK}"}
    post = urlsplit(address("x", subject="", text=text, link=LINK))
    assert dict(parse_qsl(post.query, keep_blank_values=True)) == {"text": text, "url": LINK}


@given(texts)
@pytest.mark.parametrize("channel", CHANNELS)
def test_an_address_is_plain_ascii_without_anything_to_break_out_of(channel, text) -> None:  # type: ignore[no-untyped-def]
    opened = address(channel, subject=text, text=text, link=LINK)
    assert opened.isascii()
    assert not set(opened) & set(" \"'<>\n\r\t\\`")
    assert "fragment" not in opened
    assert not urlsplit(opened).fragment


def test_sites_that_take_only_a_link_get_the_link() -> None:
    facebook = urlsplit(address("facebook", subject="", text="lost", link=LINK))
    assert parse_qs(facebook.query) == {"u": [LINK]}
    messenger = urlsplit(address("messenger", subject="", text="lost", link=LINK))
    assert parse_qs(messenger.query) == {"link": [LINK]}


@given(st.text(max_size=300))
def test_a_campaign_is_a_plain_word(title: str) -> None:
    campaign = slug(title)
    assert campaign
    assert campaign == slug(campaign)
    link = tagged_link("https://gv.example", "7K2M9QX0", "sms", title)
    assert parse_qs(urlsplit(link).query) == {
        "utm_source": ["sms"], "utm_medium": ["referral"], "utm_campaign": [campaign],
    }  # fmt: skip


def test_a_title_becomes_readable() -> None:
    assert slug("Freunde werben – Größe zählt!") == "freunde-werben-grosse-zahlt"
    assert slug("⭐⭐") == "refer-a-friend"


def test_the_disclosure_stands_below_the_text() -> None:
    words = Words(label="X", subject="s", text="My tip", disclosure="Advertising")
    assert make_ready("x", words, LINK, qr_url="q").text == "My tip\nAdvertising"


@given(st.text())
def test_own_words_are_kept_or_refused(text: str) -> None:
    try:
        kept = clean_text(text)
    except MalformedText:
        return
    assert kept
    assert len(kept) <= LONGEST_TEXT
    assert clean_text(kept) == kept
    assert not any(ord(letter) < 32 and letter != "\n" for letter in kept)


def test_own_words_cannot_turn_the_reading_direction() -> None:
    assert clean_text("nice \u202egpj.exe\u2066") == "nice gpj.exe"
    with pytest.raises(MalformedText):
        clean_text("\x00\u200b\u3164 \n")
    with pytest.raises(MalformedText):
        clean_text("a" * (LONGEST_TEXT + 1))
