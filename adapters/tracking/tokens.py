"""The signed texts that travel with a visitor: our click token, and acquisition's claim token on orders."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from msgspec import Struct

from adapters.shared.tokens import Signer, TokenInvalid
from kernel.ids import ClaimId, ClickId
from tracking.domain.click import Click
from tracking.domain.landing import Landing
from tracking.domain.report import OpenedTokens, ReportedOrder

CLICK_PURPOSE = "click"
CLAIM_PURPOSE = "claim"
_DAYS_WITHOUT_PROGRAMME = 30
_DAYS_AFTERWARDS = 30


def click_token_life(days: int | None) -> timedelta:
    """How long a click token is good for: the attribution window of the link's programme, and 30 days.

    An order that comes in those 30 days is told that its click was too long ago; later the token means nothing. A link
    without a programme counts as one of 30 days.
    """
    return timedelta(days=(_DAYS_WITHOUT_PROGRAMME if days is None else days) + _DAYS_AFTERWARDS)


T = TypeVar("T", bound=Struct)


class ClickToken(Struct, frozen=True):
    """What a click token carries; other contexts read the same field."""

    click_id: UUID


class Onward:
    """Where a visitor is sent, with the signed id of the click; worked out when it is first asked for."""

    __slots__ = ("_click", "_expires_at", "_landing", "_location", "_signer")

    def __init__(self, landing: Landing, click: Click, signer: Signer | None, expires_at: datetime) -> None:
        self._landing = landing
        self._click = click
        self._signer = signer
        self._expires_at = expires_at
        self._location: bytes | None = None

    def __call__(self) -> bytes:
        if self._location is None:
            click, signer = self._click, self._signer
            token = signer.sign(ClickToken(click.click_id), expires_at=self._expires_at) if signer is not None else None
            self._location = self._landing.target(click.query, click.utm, token)
        return self._location


class ClaimToken(Struct, frozen=True):
    """What tracking reads of acquisition's claim token."""

    claim_id: UUID


@dataclass(frozen=True, slots=True)
class SignedTokens:
    """`Tokens` by the installation's keys."""

    clicks: Signer
    claims: Signer

    def opened(self, order: ReportedOrder) -> OpenedTokens:
        claim = _open(self.claims, order.claim_token, ClaimToken, order.placed_at)
        click = _open(self.clicks, order.click_token, ClickToken, order.placed_at)
        return OpenedTokens(
            claim_id=ClaimId(claim.claim_id) if claim else None,
            click_id=ClickId(click.click_id) if click else None,
            bad_claim=claim is None and order.claim_token is not None,
            bad_click=click is None and order.click_token is not None,
        )


def _open(signer: Signer, token: str | None, shape: type[T], at: datetime) -> T | None:
    if token is None:
        return None
    try:
        return signer.open(token, shape, now=at)
    except TokenInvalid:
        return None
