"""Every sentence that explains a decision can be read in every language."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.shared.texts import LOCALES, Texts
from kernel.money import EXPONENTS, Money
from referral.domain.reasons import SENTENCES, because, plain_amount

TEXTS = Texts(Path(__file__).resolve().parents[3] / "adapters" / "referral" / "locales")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_reason_has_words(locale: str, code: str) -> None:
    values = {name: f"<{name}>" for name in re.findall(r"{(\w+)}", SENTENCES[code])}
    worded = TEXTS.text(locale, SENTENCES[code], **values)
    assert all(value in worded for value in values.values())
    assert (worded == TEXTS.text("en", SENTENCES[code], **values)) == (locale == "en")


@given(minor=st.integers(-(10**12), 10**12), currency=st.sampled_from(sorted(EXPONENTS)))
def test_amounts_in_stored_sentences_look_as_on_the_english_pages(minor: int, currency: str) -> None:
    assert plain_amount(minor, currency) == TEXTS.money("en_GB", Money(minor, currency))


def test_a_stored_sentence_writes_amounts_with_their_sign() -> None:
    said = because("earned_percent", share=1000, final=123_450, amount=12_345, currency="EUR").sentence
    assert said == "10 % of the order's €1,234.50 is €123.45."


@pytest.mark.parametrize("code", SENTENCES)
def test_no_stored_sentence_shows_an_amount_as_it_is_counted(code: str) -> None:
    named = re.findall(r"{(\w+)}", SENTENCES[code])
    facts = dict.fromkeys(named, 123_456) | {name: "EUR" for name in named if name.endswith("currency")}
    said = because(code, **(facts | {"currency": "EUR"})).sentence
    assert "123456" not in said
    assert not re.search(r"\d (?:EUR|CHF|DKK|NOK|SEK)", said)
