"""The deal in words: amounts, conditions and sentences of one language."""

from collections.abc import Iterator
from datetime import datetime

from babel.dates import format_time, get_timezone
from msgspec import Struct

from acquisition.domain.deal import Terms
from adapters.shared.cldr import locale_of
from adapters.shared.texts import Texts, regional


class Deal(Struct, frozen=True, kw_only=True):
    worth: str
    """"10 €" or "10 %"."""
    off: str
    """"off your first order"."""
    conditions: list[str]


class Greeting(Struct, frozen=True, kw_only=True):
    title: str
    headline: str
    lead: str
    description: str
    small_print: list[str]


def moment(texts: Texts, region: str, at: datetime, time_zone: str) -> str:
    """Day and time of day: what ends at ten in the morning is not promised for the whole day."""
    day = texts.date(region, at, time_zone)
    return f"{day}, {format_time(at, 'short', tzinfo=get_timezone(time_zone), locale=locale_of(region))}"


def deal(texts: Texts, locale: str, country: str, terms: Terms) -> Deal:
    region = regional(locale, country)
    if terms.kind == "fixed":
        worth = texts.money(region, terms.amount, short=True)
    else:
        worth = texts.percent(region, terms.basis_points)
    off = texts.text(locale, "off your first order") if terms.first_order_only else texts.text(locale, "off your order")
    return Deal(worth=worth, off=off, conditions=list(_conditions(texts, locale, region, terms)))


def _conditions(texts: Texts, locale: str, region: str, terms: Terms) -> Iterator[str]:
    if terms.minimum_order_minor > 0:
        amount = texts.money(region, terms.minimum_order, short=True)
        yield texts.text(locale, "From an order value of {amount}", amount=amount)
    else:
        yield texts.text(locale, "No minimum order value")
    if terms.kind == "percent" and terms.cap is not None:
        yield texts.text(locale, "At most {amount}", amount=texts.money(region, terms.cap, short=True))
    if terms.first_order_only:
        yield texts.text(locale, "For new customers")
    yield texts.plural(
        locale, "Valid for {n} day once you have your code", "Valid for {n} days once you have your code",
        terms.claim_days,
    )  # fmt: skip


def greeting(texts: Texts, locale: str, *, name: str, shop: str, deal: Deal) -> Greeting:
    """By the advocate's first name; in other words, not with a hole, when it is not known."""
    values = {"name": name, "shop": shop, "deal": deal.worth}
    description = texts.text(locale, "Get your personal code in a few seconds and enter it at checkout.")
    if name:
        return Greeting(
            title=texts.text(locale, "{name} has {deal} for you at {shop}", **values),
            headline=texts.text(locale, "{name} thought of you", name=name),
            lead=texts.text(
                locale,
                "{name} likes shopping at {shop} – and has brought you something.",
                name=name,
                shop=shop,
            ),
            description=description,
            small_print=[
                texts.text(
                    locale, "We need your e-mail address to link the deal to you. {name} will not see it.", name=name
                ),
                texts.text(
                    locale, "{name} receives a thank-you from {shop} once you have ordered.", name=name, shop=shop
                ),
            ],
        )
    return Greeting(
        title=texts.text(locale, "{deal} for you at {shop}", shop=shop, deal=deal.worth),
        headline=texts.text(locale, "Someone thought of you"),
        lead=texts.text(locale, "A friend likes shopping at {shop} – and has brought you something.", shop=shop),
        description=description,
        small_print=[
            texts.text(locale, "We need your e-mail address to link the deal to you. Your friend will not see it."),
            texts.text(locale, "Your friend receives a thank-you from {shop} once you have ordered.", shop=shop),
        ],
    )
