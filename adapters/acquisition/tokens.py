"""The signed tokens on a friend's way: made here for a claim, read here for a click.

`ClaimToken` is the payload of every claim token (purpose "claim", `Keys.signer`). The tracking context reads it on
orders with a Struct of its own; fields are only added.
"""

from typing import Final

from msgspec import Struct

from acquisition.domain.claim import Claim
from adapters.shared.postgres.unit import utc_now
from adapters.shared.tokens import Keys, TokenInvalid
from kernel.ids import AdvocateId, ClaimId, ClickId, ProgrammeId, ShopId

CLAIM: Final = "claim"
CLICK: Final = "click"


class ClaimToken(Struct, frozen=True, kw_only=True):
    """JSON object; every id is a UUID in its usual text form. Expires with the claim (by the shop's clock)."""

    shop_id: ShopId
    claim_id: ClaimId
    programme_id: ProgrammeId
    advocate_id: AdvocateId


class ClickToken(Struct, frozen=True, kw_only=True):
    """What is read of the click token that tracking put on the address."""

    click_id: ClickId
    shop_id: ShopId | None = None
    """When the token names its shop, it counts for that shop only; tracking looks clicks up by shop anyway."""


class FriendTokens:
    def __init__(self, keys: Keys) -> None:
        self._claims = keys.signer(CLAIM)
        self._clicks = keys.signer(CLICK)

    def of_claim(self, claim: Claim) -> str:
        payload = ClaimToken(
            shop_id=claim.shop_id,
            claim_id=claim.claim_id,
            programme_id=claim.programme_id,
            advocate_id=claim.advocate_id,
        )
        return self._claims.sign(payload, expires_at=claim.expires_at)

    def click_of(self, token: str | None, shop_id: ShopId) -> ClickId | None:
        """The click behind a token. A bad, expired or foreign one is nobody's click: a claim stands without it."""
        if not token:
            return None
        try:
            click = self._clicks.open(token, ClickToken, now=utc_now())
        except TokenInvalid:
            return None
        return click.click_id if click.shop_id in (None, shop_id) else None
