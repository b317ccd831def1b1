"""Texts in files that spreadsheets open: shown, and not run as formulas."""

import re
from typing import Final

SIGNS: Final = "-=+@－＝＋＠"
"""What a formula begins with; some spreadsheets read the wide forms of Asian keyboards alike."""
_RUN: Final = re.compile(rf"^(?= *[{SIGNS}\t\r\n])|;(?=[ \t]*[{SIGNS}])")
"""Where a spreadsheet begins to read a formula; where decimals have a comma, cells end with a semicolon."""


def harmless(text: str) -> str:
    """The text with an apostrophe wherever a formula would begin: a spreadsheet shows it then."""
    return _RUN.sub(lambda found: found[0] + "'", text)
