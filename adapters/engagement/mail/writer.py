"""Writes reward mails: MJML is compiled once per template, language and brand, then filled with escaped values.

A compiled mail is a list of pieces with values in between (`@@name@@` in the MJML), so filling it is a join.
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import css_inline
import jinja2
import mrml

from adapters.engagement.wording import RewardMail, named, reward_mail
from adapters.shared.colours import palette
from adapters.shared.texts import known_locale
from adapters.shared.tokens import Signer
from engagement.application.unsubscribe import Unsubscribing
from engagement.domain.message import Kind, Message, Recipient
from engagement.ports import Mail, Shop

UNSUBSCRIBE_VALID: Final = timedelta(days=5 * 365)
"""People unsubscribe from old mails."""

_SLOT: Final = re.compile(r"@@([a-z_]+)@@")
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_INLINER: Final = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
_MJML: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_GONE: Final = "#6b737c"


class Look(NamedTuple):
    """What a compiled mail depends on besides its texts."""

    kind: Kind
    changed: bool
    locale: str
    colour: str
    colour_text: str
    logo_url: str


@lru_cache(maxsize=2048)
def compiled(look: Look) -> tuple[str, ...]:
    """The mail's HTML, cut at its values: odd pieces are the names of values."""
    source = _MJML.get_template("reward.mjml").render(
        locale=look.locale,
        changed=look.changed,
        colour=look.colour,
        colour_text=look.colour_text,
        logo_url=look.logo_url,
        accent=_GONE if look.kind == "reward_reversed" else look.colour,
        ink=_GONE if look.kind == "reward_reversed" else _dark(look.colour),
        tint=_mixed(look.colour, 0.07) if look.kind != "reward_reversed" else "#f2f3f5",
    )
    return tuple(_SLOT.split(_INLINER.inline(mrml.to_html(source).content)))


def filled(pieces: tuple[str, ...], values: Mapping[str, str]) -> str:
    """The mail with every value escaped into its place."""
    return "".join(html.escape(values[piece]) if odd % 2 else piece for odd, piece in enumerate(pieces))


class RewardMailWriter:
    """`engagement.ports.MailWriter`."""

    def __init__(self, base_url: str, signer: Signer, *, real_now: Callable[[], datetime]) -> None:
        self._base_url = base_url
        self._signer = signer
        self._real_now = real_now

    def write(self, shop: Shop, message: Message, recipient: Recipient, *, hashed: str, now: datetime) -> Mail:
        locale = self._locale(shop, recipient)
        words = reward_mail(locale, message, shop, one_line(recipient.first_name)[:100])
        unsubscribe_url = self._unsubscribe_url(shop, message, locale, hashed)
        storefront = shop.storefront_url if shop.storefront_url.startswith(("https://", "http://")) else self._base_url
        colour = _safe(shop.colour, "#1f6f54")
        look = Look(
            kind=message.kind,
            changed=bool(words.before),
            locale=locale,
            colour=colour,
            colour_text=palette(colour, shop.colour_text).on_accent,
            logo_url=shop.logo_url if shop.logo_url.startswith("https://") else "",
        )
        values = {
            **words._asdict(),
            "shop": shop.title,
            "storefront": storefront,
            "unsubscribe_url": unsubscribe_url,
        }
        return Mail(
            message_id=message.message_id,
            template=message.kind,
            locale=locale,
            to=recipient.email or "",
            sender_name=one_line(shop.title),
            subject=one_line(words.subject),
            text=_plain(locale, words, shop, storefront, unsubscribe_url),
            html=filled(compiled(look), values),
            unsubscribe_url=unsubscribe_url,
            sent_at=now,
        )

    def _locale(self, shop: Shop, recipient: Recipient) -> str:
        own = known_locale(recipient.locale) if recipient.locale else shop.default_locale
        return own if own in shop.locales else known_locale(shop.default_locale)

    def _unsubscribe_url(self, shop: Shop, message: Message, locale: str, hashed: str) -> str:
        wish = Unsubscribing(
            shop_id=shop.shop_id,
            customer_id=message.customer_id,
            address_hash=hashed,
            purpose="rewards",
            locale=locale,
        )
        return f"{self._base_url}/u/{self._signer.sign(wish, expires_at=self._real_now() + UNSUBSCRIBE_VALID)}"


def one_line(text: str) -> str:
    """Text that may stand in a mail header: one line, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _plain(locale: str, words: RewardMail, shop: Shop, storefront: str, unsubscribe_url: str) -> str:
    amount = named(locale, words.label, words.amount) + (f" ({words.before})" if words.before else "")
    blocks = (
        words.greeting,
        words.lead,
        f"{amount}\n{words.when}",
        f"{words.why_label} {words.why}",
        named(locale, words.button, storefront),
        f"-- \n{shop.title}\n{words.footer}\n{named(locale, words.unsubscribe, unsubscribe_url)}",
    )
    return "\n\n".join(blocks) + "\n"


def _safe(colour: str, fallback: str) -> str:
    return colour if _COLOUR.fullmatch(colour) else fallback


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, part: float) -> str:
    """The colour on white, `part` of it."""
    return "#" + "".join(f"{round(255 - (255 - channel) * part):02x}" for channel in _channels(colour))


def _dark(colour: str) -> str:
    """The colour, darkened until large text on white is readable (WCAG 2.2, 3:1 for large text)."""
    red, green, blue = _channels(colour)
    while _luminance(red, green, blue) > 0.25:
        red, green, blue = int(red * 0.9), int(green * 0.9), int(blue * 0.9)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _luminance(*channels: int) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
