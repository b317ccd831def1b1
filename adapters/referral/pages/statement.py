"""Renders an advocate's statement: balances, rewards, and why, in sentences of the advocate's language."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import asdict

from adapters.referral.http.advocates import Addresses, StatementToken, totals
from adapters.referral.postgres.reads import Reads, StatementReward, StatementStep, StatementView
from adapters.referral.vault import AskedVault, Profile
from adapters.shared.colours import palette
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.unit import utc_now
from adapters.shared.texts import Texts, accepted_locale, language_of, marked, regional
from adapters.shared.tokens import TokenInvalid
from kernel.codes import shown
from kernel.errors import DomainError
from kernel.money import Money
from referral.domain.reasons import AMOUNTS, SENTENCES

HERE: Final = Path(__file__).parent
STATES: Final = {
    "pending": marked("Pending"),
    "approved": marked("Approved"),
    "issued": marked("Credited"),
    "reversed": marked("Withdrawn"),
}
CHANGES: Final = {
    "pending": marked("Earned"),
    "approved": marked("Approved"),
    "issued": marked("Credited"),
    "reduced": marked("Reduced"),
    "increased": marked("Increased"),
    "reversed": marked("Withdrawn"),
    "reinstated": marked("Earned again"),
}


class Page(Struct, frozen=True):
    status: int
    body: bytes
    headers: Sequence[tuple[str, str]]


class Line(Struct, frozen=True):
    """One step of a reward, in words."""

    change: str
    amount: str
    day: str
    sentence: str


class Entry(Struct, frozen=True):
    """One reward, in words."""

    state: str
    label: str
    amount: str
    day: str
    outlook: str
    """When it is approved; empty once it is."""
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class StatementPage:
    reads: Reads
    vault: AskedVault
    addresses: Addresses
    texts: Texts
    templates: Environment = field(
        default_factory=lambda: Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )
    )  # fmt: skip

    async def __call__(self, token: str, accept_language: str) -> Page:
        try:
            opened = self.addresses.signer.open(token, StatementToken, now=utc_now())
            view = await self.reads.statement(opened.shop_id, opened.advocate_id)
        except TokenInvalid:
            return self._notice(404, accept_language)
        except DomainError as error:
            return self._notice(503 if error.kind == "unavailable" else 404, accept_language)
        try:
            profile = await self.vault.profile(opened.shop_id, view.statement.advocate.customer_id)
        except Unavailable:
            profile = Profile()
        return self._page(200, self._spoken(view, profile, accept_language), view, profile)

    @staticmethod
    def _spoken(view: StatementView, profile: Profile, accept_language: str) -> str:
        """The advocate's language where the shop speaks it, else the best of the shop's that their browser accepts."""
        wanted = language_of(profile.own_locale) if profile.own_locale else ""
        if wanted in view.shop.locales:
            return wanted
        return accepted_locale(accept_language, view.shop.default_locale, view.shop.locales)

    def _notice(self, status: int, accept_language: str) -> Page:
        return self._page(status, accepted_locale(accept_language, "en"), None, Profile())

    def _page(self, status: int, locale: str, view: StatementView | None, profile: Profile) -> Page:
        shop = view.shop if view else None
        colours = palette(*((shop.brand.colour, shop.brand.colour_text) if shop else ("", "")))
        brand = ":root{" + "".join(f"--{name}:{value};" for name, value in asdict(colours).items()) + "}"
        values: dict[str, Any] = {
            "locale": locale, "style": _trusted(style()), "brand": _trusted(brand),
            "_": partial(self.texts.text, locale),
            "accent": colours.accent, "status": status,
        }  # fmt: skip
        if view is None:
            html = self.templates.get_template("notice.html").render(values)
        else:
            html = self.templates.get_template("statement.html").render(values | self._content(locale, view, profile))
        return Page(status, html.encode("utf-8", "replace"), headers(locale, brand))

    def _content(self, locale: str, view: StatementView, profile: Profile) -> dict[str, Any]:
        statement, shop = view.statement, view.shop
        region = regional(locale, shop.country)
        words = partial(self._entry, locale=locale, region=region, time_zone=shop.time_zone, now=view.now)
        money = partial(self._amounts, region=region, fallback=shop.currency)
        return {
            "name": plain(profile.first_name),
            "shop": plain(shop.title),
            "mark": plain(shop.title)[:1].upper(),
            "link": self.addresses.link(statement.advocate),
            "code": shown(statement.advocate.code),
            "pending": money(totals(statement.balances, "pending:advocate")),
            "available": money(totals(statement.balances, "available", "credit")),
            "entries": [words(reward) for reward in statement.rewards],
            "claimed": statement.claimed,
            "plural": partial(self.texts.plural, locale),
        }

    def _amounts(self, amounts: Sequence[Any], *, region: str, fallback: str) -> str:
        found = [self.texts.money(region, amount.money()) for amount in amounts if amount.amount_minor]
        return " + ".join(found) or self.texts.money(region, Money.zero(fallback))

    def _entry(self, reward: StatementReward, *, locale: str, region: str, time_zone: str, now: datetime) -> Entry:
        text, day = partial(self.texts.text, locale), partial(self.texts.date, region, tz=time_zone)
        outlook = ""
        if reward.state == "pending" and now < reward.approve_after:
            outlook = text("Will be approved on {date}", date=day(reward.approve_after))
        elif reward.state == "pending" and not reward.paid:
            outlook = text("Will be approved as soon as the order is paid")
        elif reward.state == "pending":
            outlook = text("Will be approved in a moment")
        lines = [self._line(step, locale, region, reward.currency, day(step.at)) for step in reversed(reward.steps)]
        return Entry(
            state=reward.state,
            label=text(STATES[reward.state]),
            amount=self.texts.money(region, Money(reward.amount_minor, reward.currency)),
            day=day(reward.earned_at),
            outlook=outlook,
            lines=lines,
        )

    def _line(self, step: StatementStep, locale: str, region: str, currency: str, day: str) -> Line:
        amount = self.texts.money(region, Money(step.amount_minor, currency))
        if step.previous_amount_minor not in (0, step.amount_minor):
            amount = f"{self.texts.money(region, Money(step.previous_amount_minor, currency))} → {amount}"
        sentence = self._sentence(step, locale, region)
        return Line(change=self.texts.text(locale, CHANGES[step.change]), amount=amount, day=day, sentence=sentence)

    def _sentence(self, step: StatementStep, locale: str, region: str) -> str:
        template = SENTENCES.get(step.reason_code)
        if template is None:
            return step.reason
        currency = str(step.facts.get("currency") or "EUR")
        values: dict[str, object] = {}
        for name, value in step.facts.items():
            if name in AMOUNTS and isinstance(value, int):
                values[name] = self.texts.money(region, Money(value, currency))
            elif name == "share" and isinstance(value, int):
                values[name] = self.texts.percent(region, value)
            else:
                values[name] = value
        return self.texts.text(locale, template, **values)


def plain(name: str) -> str:
    """A name as one short line."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in name[:200]).split())
    return line if len(line) <= 40 else line[:39].rstrip() + "…"


@lru_cache(maxsize=1)
def style() -> str:
    return re.sub(r"\n\s*", "", (HERE / "templates" / "style.css").read_text("utf-8"))


def headers(locale: str, brand: str) -> list[tuple[str, str]]:
    """Nothing may run, nothing may be fetched, nothing may be kept: the page is one person's."""
    hashes = " ".join(_source(text) for text in (brand, style()))
    return [
        ("content-language", locale),
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            f"default-src 'none'; style-src {hashes}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ]


def _trusted(css: str) -> Markup:
    """Our own style sheet, and colours that were parsed as colours."""
    return Markup(css)  # noqa: S704


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
