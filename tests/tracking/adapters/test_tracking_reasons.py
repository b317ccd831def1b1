"""Reasons in nine languages: every sentence is read back exactly and said again with what fills it."""

import ast
from pathlib import Path

import pytest

from adapters.shared.texts import LOCALES, fill
from adapters.tracking.reasons import METHODS, SENTENCES, read_back, worded
from tracking.domain import decision, replay
from tracking.domain.attribution import case, deciding, marks, people

FILLED = {
    "code": "ADA2-2026",
    "campaign": "Spring {code} was typed at checkout.",
    "window": "30 days",
    "day": "2026-11-22",
    "count": "3",
    "method": "coupon code",
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_read_back_and_said_in_every_language(sentence: str) -> None:
    english = fill(sentence, FILLED)
    known = read_back(english)
    assert known is not None
    assert known[0] == sentence
    assert fill(sentence, dict(known[1])) == english
    said = {locale: worded(locale, english) for locale in LOCALES}
    assert said["en"] == english
    assert len(set(said.values())) == len(LOCALES)
    for name in ("code", "campaign", "day", "count"):
        assert all(FILLED[name] in each for each in said.values()) or f"{{{name}}}" not in sentence


def test_times_and_ways_are_said_in_the_language_too() -> None:
    assert (
        worded("de", "It happened more than 1 day before the order.") == "Es geschah mehr als 1 Tag vor der Bestellung."
    )
    assert (
        worded("fi", "It happened more than 36 hours before the order.") == "Se tapahtui yli 36 tuntia ennen tilausta."
    )
    assert worded("sv", "Another one of its kind counted first: click.").endswith("slag: klick.")
    assert tuple(deciding.IN_WORDS) == decision.METHODS
    assert tuple(deciding.IN_WORDS.values()) == METHODS


def test_what_orders_were_told_before_is_said_as_it_is_now() -> None:
    told = "The manual counts before it."
    assert worded("en", told) == "Something else counted first: credit given by hand."
    assert worded("de", told) == "Vorrang hatte: Zurechnung von Hand."
    assert worded("en", "Another click id counts before it.") == "Another one of its kind counted first: click."
    assert worded("en", "Who invited the friend is no advocate.") == "Whoever invited the friend is not an advocate."


def test_a_sentence_of_another_time_stays_as_it_is() -> None:
    assert worded("de", "The moon was full.") == "The moon was full."


def test_every_sentence_of_the_domain_is_written_down() -> None:
    """Whole sentences in the code; those put together from parts are met in the domain's own tests."""
    for module in (case, deciding, marks, people, replay):
        tree = ast.parse(Path(module.__file__ or "").read_text("utf-8"))
        documented = {ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        said = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".")
        }
        whole = {text for text in said if text[:1].isupper() and " " in text and repr(text) not in documented}
        assert whole - set(SENTENCES) == set(), module.__name__
