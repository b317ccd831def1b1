"""The sentences that say why an order is credited to whom it is, in the reader's language.

A decision keeps its sentences in English, as they were when it was made. What each was made of is read back from it
here, and said again in another language; one that nobody knows any more stays as it is.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from adapters.shared.texts import SOURCE, Texts, fill, marked

NOBODY: Final = marked("Nothing on the order points to an advocate.")
NOT_COUNTED: Final = marked("Nothing that points to an advocate on this order counts; each says why.")
SENTENCES: Final = (
    marked("Somebody at the shop credited the order to this advocate, and said why."),
    marked("The order's proof of a claimed deal was forged, cut off or had expired."),
    marked("The friend came to the shop straight from the claimed deal."),
    marked("The order's proof of a click was forged, cut off or had expired."),
    marked("The friend's browser still held the claimed deal at checkout."),
    marked("The claimed deal that the order names is not known here."),
    marked("The code {code} of the claimed deal was typed at checkout."),
    marked("The code {code} of the claimed deal was kept in the friend's browser."),
    # What orders were told before they were told the two above.
    marked("The friend used their own code {code} at checkout."),
    marked("The friend brought their own code {code} in the browser."),
    marked("The advocate's code {code} was typed at checkout."),
    marked("The advocate's code {code} was kept in the friend's browser."),
    marked("The coupon code belongs to no advocate and to no claimed deal."),
    marked("Many strangers use the code {code}, as happens when a coupon site shows it."),
    marked("The click that the order names was not on an advocate's link."),
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
    marked("{count} advocates have the name that the friend gave: somebody has to say which one it was."),
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
    marked("Whoever invited the friend is not an advocate."),
    marked("The friend came to the shop through the campaign {campaign}."),
    marked("The friend tapped a link of the campaign {campaign}."),
    marked("The advocate's link was tapped from the friend's address within an hour before the order."),
    marked("The order points to several at once, and the rule is to credit nobody then."),
    marked("The programme's chain has this kind of sign switched off."),
    marked("It happened more than {window} before the order."),
    marked("Something else counted first: {method}."),
    marked("Another one of its kind counted first: {method}."),
    NOBODY,
    NOT_COUNTED,
    marked("Under this chain nothing on the order counts for anybody."),
)
METHODS: Final = (
    marked("credit given by hand"),
    marked("claimed deal"),
    marked("coupon code"),
    marked("click"),
    marked("the browser's memory"),
    marked("the friend's e-mail address"),
    marked("the friend's telephone number"),
    marked("the name that the friend gave"),
    marked("invite code"),
    marked("campaign"),
    marked("the same internet address"),
)
_ONCE: Final[dict[str, str]] = {
    "A person of the shop credited the order to this advocate, and said why.": (
        "Somebody at the shop credited the order to this advocate, and said why."
    ),
    "The order's claim token was forged, cut or had expired.": (
        "The order's proof of a claimed deal was forged, cut off or had expired."
    ),
    "The order's click token was forged, cut or had expired.": (
        "The order's proof of a click was forged, cut off or had expired."
    ),
    "The claim that the order names is not known here.": "The claimed deal that the order names is not known here.",
    "Strangers use the code {code} in numbers, as they do when a coupon site shows it.": (
        "Many strangers use the code {code}, as happens when a coupon site shows it."
    ),
    "The click that the order names led through no advocate's link.": (
        "The click that the order names was not on an advocate's link."
    ),
    "{count} advocates have the name that the friend gave: a person has to say which one it was.": (
        "{count} advocates have the name that the friend gave: somebody has to say which one it was."
    ),
    "Who invited the friend is no advocate.": "Whoever invited the friend is not an advocate.",
    "The order points at several at once, and the rule is to credit nobody then.": (
        "The order points to several at once, and the rule is to credit nobody then."
    ),
    "The programme's chain has this way switched off.": "The programme's chain has this kind of sign switched off.",
    "The {method} counts before it.": "Something else counted first: {method}.",
    "Another {method} counts before it.": "Another one of its kind counted first: {method}.",
}
"""What orders were told before, and how that is said now."""
_METHODS_ONCE: Final[dict[str, str]] = {
    "manual": "credit given by hand",
    "signed claim": "claimed deal",
    "click id": "click",
    "cookie": "the browser's memory",
    "friend email": "the friend's e-mail address",
    "phone": "the friend's telephone number",
    "refer by name": "the name that the friend gave",
    "campaign utm": "campaign",
    "same address": "the same internet address",
}
_HOLDS: Final = {
    "code": r"[0-9A-Z-]+",
    "campaign": r".+",
    "window": r"\d+ (?:days?|hours?)",
    "day": r"\d{4}-\d\d-\d\d",
    "count": r"\d+",
    "method": "|".join((*METHODS, *_METHODS_ONCE)),
}
_texts: Final = Texts(Path(__file__).parent / "locales")


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    named = (f"(?P<{part}>{_HOLDS[part]})" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile("".join(named), re.DOTALL)


_PATTERNS: Final = tuple((sentence, _pattern(sentence)) for sentence in (*SENTENCES, *_ONCE) if "{" in sentence)


@lru_cache(maxsize=4096)
def read_back(reason: str) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The sentence that a reason is, as it is said now, and what fills it; None for one that is not known."""
    if reason in SENTENCES or reason in _ONCE:
        return _ONCE.get(reason, reason), ()
    for sentence, pattern in _PATTERNS:
        found = pattern.fullmatch(reason)
        if found:
            filled = found.groupdict()
            if "method" in filled:
                filled["method"] = _METHODS_ONCE.get(filled["method"], filled["method"])
            return _ONCE.get(sentence, sentence), tuple(filled.items())
    return None


def worded(locale: str, reason: str) -> str:
    """The reason in a language; where it is not known, as it stands in English."""
    known = read_back(reason)
    if known is None:
        return reason
    sentence, filled = known
    if locale == SOURCE:
        return fill(sentence, dict(filled))
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
