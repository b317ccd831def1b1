"""Which column is which: by its heading, in the words of our countries' tills and spreadsheets."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from tracking.domain.delivery import Unreadable

_HERE: Final = Path(__file__).parent
_SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "å": "a"})
REQUIRED: Final = ("order", "date")


class ColumnMissing(Unreadable):
    code = "column_missing"
    title = "A column is missing"


class ColumnTwice(Unreadable):
    code = "column_twice"
    title = "Two columns say the same"


@cache
def _words(file: str) -> Mapping[str, str]:
    """Every word, folded, and what it means."""
    data = msgspec.json.decode((_HERE / file).read_bytes(), type=dict[str, list[str]])
    return {word: meaning for meaning, words in data.items() for word in words}


def folded(heading: str) -> tuple[str, str]:
    """A heading as our lists write it: small letters, no accents, one underscore between words; ä as ae, and as a."""
    small = heading.strip().lower()
    return _plain(small.translate(_SPELLED)), _plain(small.translate(str.maketrans("øæß", "oas")))


def _plain(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


def meaning(heading: str) -> str | None:
    words = _words("columns.json")
    return next((words[form] for form in folded(heading[:100]) if form in words), None)


def kind_of(cell: str) -> str | None:
    """sale, refund or cancel; None for a word that we do not know."""
    words = _words("kinds.json")
    return next((words[form] for form in folded(cell[:100]) if form in words), None)


class Header:
    """Where each known column stands. Columns with other headings are left alone."""

    def __init__(self, headings: Sequence[str]) -> None:
        self.places: dict[str, int] = {}
        self.names: dict[str, str] = {}
        for place, heading in enumerate(headings):
            found = meaning(heading)
            if found is None:
                continue
            if found in self.places:
                raise ColumnTwice(f"{heading.strip()[:60]!r} and {self.names[found][:60]!r} both mean {found}.")
            self.places[found] = place
            self.names[found] = heading.strip()

    def check(self) -> None:
        for name in REQUIRED:
            if name not in self.places:
                raise ColumnMissing(f"No column is headed {name!r}, or a word for it that we know.")
        if "total" not in self.places and "amount" not in self.places:
            raise ColumnMissing("No column is headed 'total' or 'amount', or a word for them that we know.")

    def cell(self, cells: Sequence[str], name: str) -> str:
        place = self.places.get(name)
        return cells[place] if place is not None and place < len(cells) else ""
