"""Texts, amounts, rates and dates in nine languages, and the check that finds what is missing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel import localedata
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.shared import texts as toolkit
from adapters.shared.cldr import locale_of
from adapters.shared.texts import LOCALES, Texts, accepted_locale, known_locale
from kernel.money import Money

GERMAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Hello {name}"
msgstr "Hallo {name}"

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} Tag"
msgstr[1] "{n} Tage"

#, fuzzy
msgid "Goodbye"
msgstr "Tschüß"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "de.po").write_text(GERMAN, "utf-8")
    return tmp_path


@pytest.mark.parametrize("folder", toolkit.contexts(), ids=lambda folder: folder.name)
def test_every_context_has_every_text_in_nine_languages(folder: Path) -> None:
    assert toolkit.problems(folder) == []


def test_a_text_is_filled_in_the_language_or_falls_back_to_english(folder: Path) -> None:
    texts = Texts(folder / "locales")
    assert texts.text("de", "Hello {name}", name="Ada") == "Hallo Ada"
    assert texts.text("de-AT", "Hello {name}", name="Ada") == "Hallo Ada"
    assert texts.text("fr", "Hello {name}", name="Ada") == "Hello Ada"
    assert texts.text("de", "Goodbye") == "Goodbye"
    assert texts.plural("de", "{n} day", "{n} days", 1) == "1 Tag"
    assert texts.plural("de", "{n} day", "{n} days", 1400) == "1.400 Tage"
    assert texts.plural("en", "{n} day", "{n} days", 2) == "2 days"


@given(st.text())
def test_a_value_is_never_read_as_a_placeholder(value: str) -> None:
    assert toolkit.fill("{a}|{b}", {"a": value, "b": "{a}"}) == f"{value}|{{a}}"


def test_amounts_rates_and_dates_follow_the_language() -> None:
    amount = Money(123450, "EUR")
    assert toolkit.money("de", amount) == "1.234,50\xa0€"
    assert toolkit.money("en", amount) == "€1,234.50"
    assert toolkit.money("de", Money(1000, "EUR"), short=True) == "10\xa0€"
    assert toolkit.money("sv", Money(1050, "SEK"), short=True) == "10,50\xa0kr"
    assert toolkit.money("en_GB", Money(1050, "DKK")) == "DKK\xa010.50"
    assert toolkit.money("en_GB", Money(-100_000, "CHF"), short=True) == "-CHF\xa01,000"
    assert toolkit.money("de_CH", Money(1050, "CHF")) == "CHF\xa010.50"
    assert toolkit.percent("de", 1250) == "12,5\xa0%"
    assert toolkit.percent("en", 1000) == "10%"
    late = datetime(2026, 12, 5, 23, 30, tzinfo=UTC)
    assert toolkit.date("de", late, "Europe/Berlin") == "6. Dezember 2026"
    assert toolkit.date("en", late, "UTC") == "December 5, 2026"


@pytest.mark.parametrize("tag", ["de_CH", "en-GB", "nb"])
def test_of_a_language_only_what_is_asked_for_is_kept(tag: str) -> None:
    for name in (str(locale_of(tag)), tag[:2], "root"):
        kept = localedata.load(name)
        assert "currency_formats" in kept
        assert {"unit_patterns", "languages", "meta_zones"}.isdisjoint(kept)


@pytest.mark.parametrize("locale", LOCALES)
@given(amount=st.integers(-(10**12), 10**12), basis_points=st.integers(0, 10_000))
def test_every_language_writes_every_amount(locale: str, amount: int, basis_points: int) -> None:
    assert toolkit.money(locale, Money(amount, "CHF"), short=True)
    assert toolkit.percent(locale, basis_points)


@given(st.text(max_size=30))
@example("aa@0")
def test_any_language_tag_is_answered(tag: str) -> None:
    assert accepted_locale(f"fi, en;q={tag}", "de", ("de", "en")) in {"de", "en"}
    assert known_locale(tag) in LOCALES
    assert accepted_locale(tag, "de") in LOCALES
    assert toolkit.money(tag, Money(1, "EUR"))


def test_the_best_language_wins() -> None:
    assert known_locale(None, "no") == "nb"
    assert accepted_locale("fr;q=0.5, da, *;q=0.1", "de") == "da"
    assert accepted_locale("en-GB,de;q=0.9", "de") == "en"
    assert accepted_locale("xx", "de") == "de"
    assert accepted_locale("EN", "de") == "en"
    assert accepted_locale("fi, en;q=0.8", "de", ("de", "en")) == "en"
    assert accepted_locale("fi", "de", ("de", "en")) == "de"
    assert accepted_locale("nn-NO, sv;q=0.5", "de", ("sv", "nb")) == "nb"
    assert accepted_locale("en;q=0, de;q=2, nl;q=0.001", "fr") == "nl"


def test_the_check_finds_missing_empty_fuzzy_and_broken_texts(folder: Path) -> None:
    (folder / "page.py").write_text('texts.text(locale, "New " "one"); marked("Later"); text("SELECT 1")', "utf-8")
    (folder / "page.html").write_text('{{ text(\'It\\\'s here\') }} {{ plural("a", "b", n) }}', "utf-8")
    (folder / "locales" / "fr.po").write_text('msgid "Hello {name}"\nmsgstr "Bonjour {nom}"\n', "utf-8")
    found = toolkit.problems(folder)
    assert "de: missing: 'New one'" in found
    assert "nl: missing: 'Later'" in found
    assert 'it: missing: "It\'s here"' in found
    assert "it: missing: ('a', 'b')" in found
    assert "de: fuzzy: 'Goodbye'" in found
    assert "fr: placeholders ['nom'] instead of ['name']: 'Hello {name}'" in found
    assert not [line for line in found if "SELECT" in line]
