"""The sentences that say why an order is credited to whom it is, in the reader's language.

A decision keeps its sentences in English, as they were when it was made. What each was made of is read back from it
here, and said again in another language; one that nobody knows any more stays as it is.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from adapters.shared.texts import SOURCE, Texts, marked

NOBODY: Final = marked("Nothing on the order points at an advocate.")
NOT_COUNTED: Final = marked("What on the order points at an advocate does not count; why is said of each.")
SENTENCES: Final = (
    marked("A person of the shop credited the order to this advocate, and said why."),
    marked("The order's claim token was forged, cut or had expired."),
    marked("The friend came to the shop straight from the claimed deal."),
    marked("The order's click token was forged, cut or had expired."),
    marked("The friend's browser still held the claimed deal at checkout."),
    marked("The claim that the order names is not known here."),
    marked("The code {code} of the claimed deal was typed at checkout."),
    marked("The code {code} of the claimed deal was kept in the friend's browser."),
    # What orders were told before they were told the two above.
    marked("The friend used their own code {code} at checkout."),
    marked("The friend brought their own code {code} in the browser."),
    marked("The advocate's code {code} was typed at checkout."),
    marked("The advocate's code {code} was kept in the friend's browser."),
    marked("The coupon code belongs to no advocate and to no claimed deal."),
    marked("Strangers use the code {code} in numbers, as they do when a coupon site shows it."),
    marked("The click that the order names led through no advocate's link."),
    marked("The friend tapped the advocate's link less than {window} before the order."),
    marked("The link was fetched by a bot or a link preview, not tapped by a person."),
    marked("The programme of the link is not known here yet."),
    marked("The link was tapped after the order had been placed."),
    marked("The link was tapped more than {window} before the order."),
    marked("The claimed deal had run out on {day}."),
    marked("The order carries the e-mail address with which the friend claimed the deal."),
    marked("The order carries the telephone number with which the friend claimed the deal."),
    marked("The deal was claimed after the order had been placed."),
    marked("No advocate has the name that the friend gave."),
    marked("{count} advocates have the name that the friend gave: a person has to say which one it was."),
    marked("The friend named the advocate at checkout, and no other advocate has that name."),
    marked("The invite code had run out on {day}."),
    marked("The invite code was not valid yet."),
    marked("The advocate's invite code {code} was typed at checkout."),
    marked("The advocate's invite code {code} was named by the friend's browser at checkout."),
    marked("The code {code} of the campaign {campaign} was typed at checkout."),
    marked("The code {code} of the campaign {campaign} was named by the friend's browser at checkout."),
    marked("The invite code was redeemed after the order had been placed."),
    marked("The friend joined with the invite code {code} of the advocate."),
    marked("The friend joined with the code {code} of the campaign {campaign}."),
    marked("Who invited the friend is no advocate."),
    marked("The friend came to the shop through the campaign {campaign}."),
    marked("The friend tapped a link of the campaign {campaign}."),
    marked("The advocate's link was tapped from the friend's address within an hour before the order."),
    marked("The order points at several at once, and the rule is to credit nobody then."),
    marked("The programme's chain has this way switched off."),
    marked("It happened more than {window} before the order."),
    marked("The {method} counts before it."),
    marked("Another {method} counts before it."),
    NOBODY,
    NOT_COUNTED,
    marked("Under this chain nothing on the order counts for anybody."),
)
METHODS: Final = (
    marked("manual"),
    marked("signed claim"),
    marked("coupon code"),
    marked("click id"),
    marked("cookie"),
    marked("friend email"),
    marked("phone"),
    marked("refer by name"),
    marked("invite code"),
    marked("campaign utm"),
    marked("same address"),
)
_HOLDS: Final = {
    "code": r"[0-9A-Z-]+",
    "campaign": r".+",
    "window": r"\d+ (?:days?|hours?)",
    "day": r"\d{4}-\d\d-\d\d",
    "count": r"\d+",
    "method": "|".join(METHODS),
}
_texts: Final = Texts(Path(__file__).parent / "locales")


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    named = (f"(?P<{part}>{_HOLDS[part]})" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile("".join(named), re.DOTALL)


_PATTERNS: Final = tuple((sentence, _pattern(sentence)) for sentence in SENTENCES if "{" in sentence)


@lru_cache(maxsize=4096)
def read_back(reason: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The sentence that a reason is, and what fills it; None for one that is not known."""
    if reason in SENTENCES:
        return reason, ()
    for sentence, pattern in _PATTERNS:
        found = pattern.fullmatch(reason)
        if found:
            return sentence, tuple(found.groupdict().items())
    return None


def worded(locale: str, reason: str) -> str:
    """The reason in a language; as it stands in English, and where it is not known."""
    known = read_back(reason) if locale != SOURCE else None
    if known is None:
        return reason
    sentence, filled = known
    return _texts.text(locale, sentence, **{name: _value(locale, name, value) for name, value in filled})


def _value(locale: str, name: str, value: str) -> str:
    if name == "method":
        return _texts.text(locale, value)
    if name == "window":
        number, unit = value.split()
        if unit.startswith("day"):
            return _texts.plural(locale, "{n} day", "{n} days", int(number))
        return _texts.plural(locale, "{n} hour", "{n} hours", int(number))
    return value
