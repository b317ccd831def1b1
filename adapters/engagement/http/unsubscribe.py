"""Unsubscribing: the page that a mail links to, and the one-click POST of RFC 8058."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from adapters.engagement.pages.render import page
from adapters.engagement.wording import TEXTS
from adapters.shared.colours import palette
from adapters.shared.texts import accepted_locale
from adapters.shared.tokens import Signer, TokenInvalid
from engagement.application.queries.unsubscribe_offer import OfferUnsubscribe, UnsubscribeOffer
from engagement.application.unsubscribe import Unsubscribe, Unsubscribing
from engagement.ports import Shop

Language = Annotated[str, HeaderParameter(name="accept-language", required=False)]


class UnsubscribeTokens:
    """Opens the tokens of unsubscribe links; by real time, because people's mail does not follow a test clock."""

    def __init__(self, signer: Signer, real_now: Callable[[], datetime]) -> None:
        self._signer = signer
        self._real_now = real_now

    def open(self, token: str) -> Unsubscribing | None:
        try:
            return self._signer.open(token, Unsubscribing, now=self._real_now())
        except TokenInvalid:
            return None


class UnsubscribeController(Controller):
    path = "/u"
    include_in_schema = False

    @get("/{token:str}")
    async def show(
        self,
        token: FromPath[str],
        unsubscribe_tokens: NamedDependency[UnsubscribeTokens],
        offer_unsubscribe: NamedDependency[OfferUnsubscribe],
        language: Language = "",
    ) -> Response[bytes]:
        """Asks for a confirmation: opening the link alone changes nothing, because mail scanners open links."""
        wish = unsubscribe_tokens.open(token)
        if wish is None:
            return _not_working(accepted_locale(language, "en"))
        return _asking(wish.locale, await offer_unsubscribe(wish))

    @post("/{token:str}", status_code=200)
    async def confirm(
        self,
        token: FromPath[str],
        request: Request[Any, Any, Any],
        unsubscribe_tokens: NamedDependency[UnsubscribeTokens],
        unsubscribe: NamedDependency[Unsubscribe],
        offer_unsubscribe: NamedDependency[OfferUnsubscribe],
        language: Language = "",
    ) -> Response[bytes]:
        wish = unsubscribe_tokens.open(token)
        if wish is None:
            return _not_working(accepted_locale(language, "en"))
        one_click = b"List-Unsubscribe=One-Click" in (await request.body())[:1000]
        await unsubscribe(wish, proof="one-click" if one_click else "unsubscribe-page")
        return _done(wish.locale, (await offer_unsubscribe(wish)).shop)


def _asking(locale: str, offer: UnsubscribeOffer) -> Response[bytes]:
    if offer.done:
        return _done(locale, offer.shop)
    return page(
        "unsubscribe.html",
        **_look(offer.shop),
        locale=locale,
        title=TEXTS.text(locale, "Unsubscribe"),
        heading=TEXTS.text(locale, "No more e-mails about your rewards?"),
        text=TEXTS.text(
            locale,
            "We will stop telling you by e-mail what happens to your rewards at {shop}. Your rewards stay yours.",
            shop=offer.shop.title,
        ),
        button=TEXTS.text(locale, "Yes, no more e-mails"),
    )


def _done(locale: str, shop: Shop) -> Response[bytes]:
    return page(
        "unsubscribe.html",
        **_look(shop),
        locale=locale,
        title=TEXTS.text(locale, "Unsubscribe"),
        tick=True,
        heading=TEXTS.text(locale, "Done"),
        text=TEXTS.text(locale, "You will get no more e-mails about your rewards at {shop}.", shop=shop.title),
    )


def _not_working(locale: str) -> Response[bytes]:
    return page(
        "unsubscribe.html",
        status=404,
        colours=palette("", ""),
        locale=locale,
        title=TEXTS.text(locale, "Unsubscribe"),
        heading=TEXTS.text(locale, "This link does not work"),
        text=TEXTS.text(locale, "It is incomplete or too old. Please use the link in the latest e-mail."),
    )


def _look(shop: Shop) -> dict[str, Any]:
    return {
        "shop": shop.title,
        "logo_url": shop.logo_url if shop.logo_url.startswith("https://") else "",
        "colours": palette(shop.colour, shop.colour_text),
    }
