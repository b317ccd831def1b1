"""Every sentence that explains a decision can be read in every language."""

import re
from pathlib import Path

import pytest

from adapters.shared.texts import LOCALES, Texts
from referral.domain.reasons import SENTENCES

TEXTS = Texts(Path(__file__).resolve().parents[3] / "adapters" / "referral" / "locales")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", SENTENCES)
def test_a_reason_has_words(locale: str, code: str) -> None:
    values = {name: f"<{name}>" for name in re.findall(r"{(\w+)}", SENTENCES[code])}
    worded = TEXTS.text(locale, SENTENCES[code], **values)
    assert all(value in worded for value in values.values())
    assert (worded == TEXTS.text("en", SENTENCES[code], **values)) == (locale == "en")
