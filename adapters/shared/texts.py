"""Texts in nine languages, and amounts, rates and dates as each language writes them (CLDR, by Babel).

A context keeps its texts in `adapters/<context>/locales/<locale>.po`. The English text is the msgid, so `en.po` may
be missing. Placeholders are `{name}`: they are filled in one pass, so a value that holds braces stays as it is.
Results are plain text: whoever puts them into HTML escapes them.

`python -m adapters.shared.texts` checks every context: see `problems`.
"""

import ast
import gettext
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from adapters.shared.cldr import locale_of
from kernel.money import BASIS, Money

LOCALES: Final = ("de", "nl", "fr", "it", "da", "fi", "nb", "sv", "en")
SOURCE: Final = "en"

_ALIKE: Final = {"no": "nb", "nn": "nb"}
_PLACE: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_TOUCHING: Final = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_QUALITY: Final = re.compile(r"\s*(?:[qQ]\s*=\s*(0?\.[0-9]{1,9}|[01](?:\.[0-9]{0,9})?)\s*)?(?:;.*)?")
_IN_TEMPLATE: Final = re.compile(
    r"""(?<![\w.])(?:text|_)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
    r"""|(?<![\w.])plural\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*"((?:[^"\\]|\\.)*)" """.rstrip()
)
_TEMPLATES: Final = (".html", ".j2", ".jinja", ".mjml", ".txt", ".svg")


def marked(msgid: str) -> str:
    """Name a text that is looked up later, so that the check finds it: `REASONS = {"hold": marked("…")}`."""
    return msgid


def known_locale(*wanted: str | None) -> str:
    """The first of the wanted language tags that we speak ("de-AT" → "de", "no" → "nb"); English when none is."""
    for tag in wanted:
        language = language_of(tag) if tag else ""
        if language:
            return language
    return SOURCE


@lru_cache(maxsize=512)
def language_of(tag: str) -> str:
    """The language of ours that a tag means ("de-AT" is "de", "no" is "nb"); empty when we do not speak it."""
    language = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    language = _ALIKE.get(language, language)
    return language if language in LOCALES else ""


def accepted_locale(header: str, default: str, offered: Iterable[str] = LOCALES) -> str:
    """The best of the offered languages for an Accept-Language header (RFC 9110 §12.5.4), else the default.

    A language that is wanted in one region is taken as it is offered: "de-AT" is content with "de".
    """
    spoken = frozenset(filter(None, map(language_of, offered)))
    for tag in _ranked(header):
        if tag == "*":
            break
        language = language_of(tag)
        if language in spoken:
            return language
    return known_locale(default)


def _ranked(header: str) -> list[str]:
    """The language ranges of the header, best first; those that are not wanted at all, or oddly written, left out."""
    ranked = []
    for place, part in enumerate(header[:512].split(",")[:20]):
        tag, _, said = part.partition(";")
        quality = _QUALITY.fullmatch(said)
        if quality and tag.strip() and float(quality[1] or 1) > 0:
            ranked.append((-float(quality[1] or 1), place, tag.strip()))
    return [tag for _, _, tag in sorted(ranked)]


class _Loaded(NamedTuple):
    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]


class Texts:
    """The catalogues of one context; each is read at its first use and kept. A text not found is given in English."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, _Loaded] = {}

    def text(self, locale: str, msgid: str, /, **values: object) -> str:
        """The text in the locale's language with its `{placeholders}` filled; a missing value is a KeyError."""
        return fill(self._of(locale).texts.get(msgid) or msgid, values)

    def plural(self, locale: str, one: str, many: str, n: int, /, **values: object) -> str:
        """The form that the language uses for `n`; `{n}` is filled with the number as the language writes it."""
        loaded = self._of(locale)
        forms = loaded.plurals.get(one)
        form = loaded.form(n) if forms else int(n != 1)
        chosen = forms[form] if forms and form < len(forms) else (one, many)[min(form, 1)]
        return fill(chosen, {"n": format_decimal(n, locale=_cldr(locale)), **values})

    def money(self, locale: str, amount: Money, *, short: bool = False) -> str:
        return money(locale, amount, short=short)

    def percent(self, locale: str, basis_points: int) -> str:
        return percent(locale, basis_points)

    def date(self, locale: str, moment: datetime, tz: str) -> str:
        return date(locale, moment, tz)

    def _of(self, locale: str) -> _Loaded:
        language = known_locale(locale)
        loaded = self._loaded.get(language)
        if loaded is None:
            loaded = self._loaded[language] = _load(self.folder, language)
        return loaded


def fill(text: str, values: Mapping[str, object]) -> str:
    """Fill `{name}` placeholders in one pass: what a value holds is never read as a placeholder."""
    return _PLACE.sub(lambda place: str(values[place[1]]), text)


def money(locale: str, amount: Money, *, short: bool = False) -> str:
    """12.50 EUR as "12,50 €" in German. `short` leaves out the decimals of a whole amount: "10 €".

    Letters never touch digits, as CLDR asks for and Babel does not do: "DKK 12.50" in English.
    """
    cldr = _cldr(locale)
    if short and amount.decimal() == amount.decimal().to_integral_value():
        pattern = re.sub(r"\.0+", "", cldr.currency_formats["standard"].pattern)
        written = format_currency(amount.decimal(), amount.currency, pattern, locale=cldr, currency_digits=False)
    else:
        written = format_currency(amount.decimal(), amount.currency, locale=cldr)
    return _TOUCHING.sub("\u00a0", written)


def percent(locale: str, basis_points: int) -> str:
    """1250 basis points as "12,5 %" in German; no more decimals than needed."""
    cldr = _cldr(locale)
    pattern = re.sub(r"#,##0(?!\.)", "#,##0.##", cldr.percent_formats[None].pattern)
    return format_percent(basis_points / BASIS, pattern, locale=cldr)


def date(locale: str, moment: datetime, tz: str) -> str:
    """The day in the time zone `tz` (IANA name), in words: "6. Dezember 2026"."""
    return format_date(moment.astimezone(ZoneInfo(tz)), format="long", locale=_cldr(locale))


@lru_cache(maxsize=256)
def regional(locale: str, country: str) -> str:
    """The language as the shop's country writes it ("de" in Switzerland is "de_CH"), for amounts and dates.

    English is nobody's own in these countries: its readers expect "€12.50" and "23 November 2026" everywhere.
    """
    if locale == "en":
        return "en_GB"
    try:
        return str(Locale.parse(f"{locale}_{country.upper()}"))
    except (ValueError, UnknownLocaleError):
        return locale


def _cldr(locale: str) -> Locale:
    try:
        return locale_of(locale)
    except (ValueError, UnknownLocaleError):
        return locale_of(known_locale(locale))


def _read(folder: Path, locale: str) -> Catalog:
    path = folder / f"{locale}.po"
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _load(folder: Path, locale: str) -> _Loaded:
    catalogue = _read(folder, locale)
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, str):
            texts[message.id] = str(message.string)
        elif message.string and all(message.string):
            plurals[message.id[0]] = tuple(message.string)
    return _Loaded(texts, plurals, gettext.c2py(catalogue.plural_expr))


# The check: what the code asks for, every catalogue must hold.

Key = str | tuple[str, str]


def used_texts(folder: Path) -> set[Key]:
    """The msgids that the Python files and templates under `folder` name in `text`, `plural` and `marked` calls."""
    found: set[Key] = set()
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py":
            tree = ast.parse(path.read_text("utf-8"))
            found.update(key for node in ast.walk(tree) if isinstance(node, ast.Call) for key in _asked_by(node))
        elif path.suffix in _TEMPLATES:
            for double, single, one, many in _IN_TEMPLATE.findall(path.read_text("utf-8")):
                plain = re.sub(r"\\(.)", r"\1", double or single)
                found.add((one, many) if one else plain)
    return found


def _asked_by(call: ast.Call) -> Iterator[Key]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    literals = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else None for a in call.args]
    if name == "marked" and literals and literals[0]:
        yield literals[0]
    if name == "text" and len(literals) > 1 and literals[1]:
        yield literals[1]
    if name == "plural" and len(literals) > 3 and literals[1] and literals[2]:
        yield (literals[1], literals[2])


def problems(folder: Path) -> list[str]:
    """What is wrong with the texts of the context whose adapters are in `folder`; empty when nothing is.

    Every text that the code or any catalogue names must stand in all nine catalogues (English may rely on the
    msgid), neither empty nor fuzzy, with the same placeholders as the English text.
    """
    catalogues = {locale: _by_key(_read(folder / "locales", locale)) for locale in LOCALES}
    wanted = used_texts(folder).union(*catalogues.values())
    found = []
    for locale, messages in catalogues.items():
        for key in sorted(wanted, key=str):
            message = messages.get(key)
            if message is None:
                found += [] if locale == SOURCE else [f"{locale}: missing: {key!r}"]
            else:
                found += [f"{locale}: {wrong}: {key!r}" for wrong in _wrong_with(message, key)]
    return found


def _by_key(catalogue: Catalog) -> dict[Key, Message]:
    return {m.id if isinstance(m.id, str) else (m.id[0], m.id[1]): m for m in catalogue if m.id}


def _wrong_with(message: Message, key: Key) -> Iterator[str]:
    strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    if message.fuzzy:
        yield "fuzzy"
    if not strings or not all(strings):
        yield "empty"
        return
    wanted = set(_PLACE.findall(key if isinstance(key, str) else key[1]))
    for string in strings:
        has = set(_PLACE.findall(string))
        if has - {"n"} != wanted - {"n"} or (isinstance(key, str) and has != wanted):
            yield f"placeholders {sorted(has)} instead of {sorted(wanted)}"


def contexts(root: Path | None = None) -> list[Path]:
    """The adapter folders that hold catalogues."""
    adapters = root or Path(__file__).resolve().parent.parent
    return sorted(locales.parent for locales in adapters.glob("*/locales"))


def main() -> int:
    """Print every problem of every context; 1 when there is any."""
    wrong = [f"{folder.name}: {line}" for folder in contexts() for line in problems(folder)]
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
