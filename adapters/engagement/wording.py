"""What engagement says, in nine languages: share texts, reward mails and reasons."""

from pathlib import Path
from typing import Final, NamedTuple

from adapters.shared.texts import Texts, known_locale, marked, regional
from engagement.domain.deal import Deal
from engagement.domain.message import Kind, Message, Side
from engagement.domain.sharing import Words
from engagement.events import Channel
from engagement.ports import Shop
from kernel.codes import shown
from kernel.money import Money

TEXTS: Final = Texts(Path(__file__).parent / "locales")

_LABELS: Final[dict[Channel, str]] = {
    "native": marked("Share"),
    "email": marked("E-mail"),
    "sms": marked("Text message"),
    "whatsapp": "WhatsApp",
    "facebook": "Facebook",
    "messenger": "Messenger",
    "x": "X",
    "copy": marked("Copy link"),
    "qr": marked("QR code"),
}
_LIKING: Final = marked("I like shopping at {shop}. With my link you get {deal}.")
_CHATTING: Final = marked("Hi! I shop at {shop} and am happy with it. With my link you get {deal}.")
_SAYINGS: Final[dict[Channel, str]] = {
    "native": _LIKING,
    "email": marked(
        "Hi,\n\nI like shopping at {shop} and think you might too. With my link you get {deal}."
        " At checkout you can also type my code: {code}."
    ),
    "sms": marked("{deal} at {shop} for you, with my link."),
    "whatsapp": _CHATTING,
    "facebook": marked("My tip: {shop}. With my link you get {deal}."),
    "messenger": _CHATTING,
    "x": marked("My tip: {shop}. With my link you get {deal}."),
    "copy": _LIKING,
    "qr": marked("Scan the code and get {deal} at {shop}."),
}


class ShareWording:
    """`engagement.ports.ShareTexts` from the catalogues."""

    def locale(self, *wanted: str | None) -> str:
        return known_locale(*wanted)

    def headline(self, locale: str, shop: Shop, deal: Deal) -> str:
        region = regional(locale, shop.country)
        if deal.kind == "fixed":
            return TEXTS.text(locale, "{amount} off", amount=_short(region, deal.amount_minor, deal.currency))
        percent = TEXTS.percent(region, deal.basis_points)
        if deal.cap_minor is None:
            return TEXTS.text(locale, "{amount} off", amount=percent)
        cap = _short(region, deal.cap_minor, deal.currency)
        return TEXTS.text(locale, "{percent} off (up to {cap})", percent=percent, cap=cap)

    def conditions(self, locale: str, shop: Shop, deal: Deal) -> str:
        minimum = _short(regional(locale, shop.country), deal.minimum_order_minor, deal.currency)
        if deal.first_order_only and deal.minimum_order_minor:
            return TEXTS.text(locale, "For your first order of {amount} or more.", amount=minimum)
        if deal.first_order_only:
            return TEXTS.text(locale, "For your first order.")
        return TEXTS.text(locale, "For orders of {amount} or more.", amount=minimum) if deal.minimum_order_minor else ""

    def words(self, locale: str, channel: Channel, shop: Shop, deal: Deal, code: str) -> Words:
        said = {"shop": shop.title, "deal": self.headline(locale, shop, deal), "code": shown(code)}
        subject = (
            TEXTS.text(locale, "For you: {deal} at {shop}", **said)
            if channel == "email"
            else TEXTS.text(locale, "{deal} at {shop}", **said)
        )
        return Words(
            label=TEXTS.text(locale, _LABELS[channel]),
            subject=subject,
            text=TEXTS.text(locale, _SAYINGS[channel], **said),
            disclosure=TEXTS.text(locale, "Advertising: {shop} rewards me if you order.", shop=shop.title),
        )


def _short(region: str, minor: int, currency: str) -> str:
    return TEXTS.money(region, Money(minor, currency), short=True)


class _Notice(NamedTuple):
    subject: str
    heading: str
    lead: str


_CHANGED: Final = (
    _Notice(
        marked("Your reward is now {amount}"),
        marked("Your reward has changed"),
        marked("The order behind your reward has changed. Your reward now matches the order as it stands."),
    ),
    _Notice(
        marked("Your deal is now {amount}"),
        marked("Your deal has changed"),
        marked("Your order has changed. Your deal now matches the order as it stands."),
    ),
)
_NOTICES: Final[dict[tuple[Kind, Side], _Notice]] = {
    ("reward_pending", "advocate"): _Notice(
        marked("Your friend ordered: {amount} for you"),
        marked("Your recommendation worked"),
        marked(
            "Somebody you recommended {shop} to has ordered. Thank you! Your reward is noted and becomes final"
            " once the return period is over."
        ),
    ),
    ("reward_issued", "advocate"): _Notice(
        marked("Your reward of {amount} is here"),
        marked("Your reward is here"),
        marked("The return period is over and your reward is final. Thank you for recommending {shop}!"),
    ),
    ("reward_reduced", "advocate"): _CHANGED[0],
    ("reward_restored", "advocate"): _CHANGED[0],
    ("reward_reversed", "advocate"): _Notice(
        marked("Your reward of {amount} lapses"),
        marked("Your reward lapses"),
        marked(
            "The order behind your reward no longer earns one. We are sorry, and thank you for recommending {shop}."
        ),
    ),
    ("reward_pending", "friend"): _Notice(
        marked("Your deal is noted: {amount}"),
        marked("Thank you for your order"),
        marked(
            "You ordered at {shop} on a recommendation. Your deal is noted and becomes final once the return period"
            " is over."
        ),
    ),
    ("reward_issued", "friend"): _Notice(
        marked("Your deal is confirmed: {amount}"),
        marked("Your deal is confirmed"),
        marked(
            "The return period is over, and the deal from your recommendation is final. Enjoy your order from {shop}!"
        ),
    ),
    ("reward_reduced", "friend"): _CHANGED[1],
    ("reward_restored", "friend"): _CHANGED[1],
    ("reward_reversed", "friend"): _Notice(
        marked("Your deal of {amount} lapses"),
        marked("Your deal lapses"),
        marked("Your order no longer earns the deal from your recommendation. We hope to see you again at {shop}."),
    ),
}

_EARNED: Final[dict[Side, str]] = {
    "advocate": marked("The order came through your recommendation."),
    "friend": marked("You ordered on a recommendation."),
}
_PARTLY: Final = marked("Part of the order was returned or refunded.")
_PAID: Final = marked("The return period is over and the order is paid.")
_AS_IT_IS: Final = marked("This is what the order earns as it is now.")
_TOO_SMALL: Final = marked("The order is below the minimum order value.")
_REASONS: Final[dict[str, str]] = {
    "earned_capped": marked("The programme pays at most this amount for one order."),
    "partly_refunded_fixed": _PARTLY,
    "partly_refunded_percent": _PARTLY,
    "partly_refunded_capped": _PARTLY,
    "hold_over": _PAID,
    "credit_issued": _PAID,
    "order_cancelled": marked("The order was cancelled."),
    "payment_voided": marked("The order was not paid."),
    "charged_back": marked("The payment for the order was charged back."),
    "order_refunded": marked("The whole order was returned or refunded."),
    "below_minimum": _TOO_SMALL,
    "below_minimum_after_refund": _TOO_SMALL,
    "not_first_order": marked("The deal is for a first order only."),
    "self_referral": marked("Nobody can recommend themselves."),
    "attributed_elsewhere": marked("The order is no longer credited to this recommendation."),
}
_GENERIC: Final = marked("It follows from the order and the terms of the programme.")


class RewardMail(NamedTuple):
    """Every text of one reward mail, plain; `before` is empty unless the amount changed."""

    subject: str
    heading: str
    greeting: str
    lead: str
    label: str
    amount: str
    before: str
    when: str
    why_label: str
    why: str
    button: str
    footer: str
    unsubscribe: str


def reason(locale: str, code: str, side: Side, *, changed: bool = False) -> str:
    """Why, in a sentence; a code that is not known here gets a sentence that is true of every reward.

    That somebody ordered is why a reward is noted, and not why it is another one than before.
    """
    if code.startswith("earned") and code not in _REASONS:
        return TEXTS.text(locale, _AS_IT_IS if changed else _EARNED[side])
    return TEXTS.text(locale, _REASONS.get(code, _GENERIC))


def reward_mail(locale: str, message: Message, shop: Shop, first_name: str) -> RewardMail:
    notice = _NOTICES[message.kind, message.side]
    region = regional(locale, shop.country)
    amount = TEXTS.money(region, Money(message.amount_minor, message.currency))
    before = TEXTS.money(region, Money(message.previous_amount_minor, message.currency))
    lapsed = message.kind == "reward_reversed"
    told = message.kind in ("reward_reduced", "reward_restored", "reward_reversed")
    changed = told and message.previous_amount_minor != message.amount_minor
    return RewardMail(
        subject=TEXTS.text(locale, notice.subject, amount=before if lapsed else amount),
        heading=TEXTS.text(locale, notice.heading),
        greeting=TEXTS.text(locale, "Hello {name},", name=first_name) if first_name else TEXTS.text(locale, "Hello,"),
        lead=TEXTS.text(locale, notice.lead, shop=shop.title),
        label=TEXTS.text(locale, "Your reward") if message.side == "advocate" else TEXTS.text(locale, "Your deal"),
        amount=amount,
        before=TEXTS.text(locale, "before: {amount}", amount=before) if changed else "",
        when=_when(locale, message, shop),
        why_label=TEXTS.text(locale, "Why?"),
        why=reason(locale, message.reason_code, message.side, changed=changed),
        button=TEXTS.text(locale, "Go to {shop}", shop=shop.title),
        footer=TEXTS.text(
            locale,
            "You get this e-mail because you take part in the recommendation programme of {shop}.",
            shop=shop.title,
        ),
        unsubscribe=TEXTS.text(locale, "Unsubscribe from these e-mails"),
    )


def named(locale: str, name: str, value: str) -> str:
    """A name and what it names, with the colon where the language puts it."""
    return TEXTS.text(locale, "{name}: {value}", name=name, value=value)


def _when(locale: str, message: Message, shop: Shop) -> str:
    if message.kind == "reward_pending":
        day = TEXTS.date(regional(locale, shop.country), message.approve_after, shop.time_zone)
        return TEXTS.text(locale, "final from {date}", date=day)
    day = TEXTS.date(regional(locale, shop.country), message.changed_at, shop.time_zone)
    if message.kind == "reward_issued":
        return TEXTS.text(locale, "confirmed on {date}", date=day)
    return TEXTS.text(locale, "changed on {date}", date=day)
