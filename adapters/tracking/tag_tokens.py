"""The signed texts that the tag sends along: our click and claim tokens, and what a shop's server says of a visitor."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from adapters.shared.tokens import Signer, TokenInvalid
from adapters.tracking.tokens import ClaimToken, ClickToken
from kernel.ids import ClaimId, ClickId
from tracking.domain.tag_work import IdentifyClaims

REMEMBERED: Final = 16_384


class TagTokens:
    """Reads click and claim tokens. A visitor sends the same ones with every page, so each is checked once."""

    def __init__(self, clicks: Signer, claims: Signer) -> None:
        self._clicks = clicks
        self._claims = claims
        self._click = lru_cache(REMEMBERED)(self._open_click)
        self._claim = lru_cache(REMEMBERED)(self._open_claim)

    def click(self, token: str, now: datetime) -> ClickId | None:
        """What the token names; None for one that is forged or has expired (judged once a day)."""
        return self._click(token, now.replace(hour=0, minute=0, second=0, microsecond=0))

    def claim(self, token: str, now: datetime) -> ClaimId | None:
        return self._claim(token, now.replace(hour=0, minute=0, second=0, microsecond=0))

    def _open_click(self, token: str, day: datetime) -> ClickId | None:
        try:
            return ClickId(self._clicks.open(token, ClickToken, now=day).click_id)
        except TokenInvalid:
            return None

    def _open_claim(self, token: str, day: datetime) -> ClaimId | None:
        try:
            return ClaimId(self._claims.open(token, ClaimToken, now=day).claim_id)
        except TokenInvalid:
            return None


class JwtIdentifyTokens:
    """`IdentifyTokens` by JSON Web Tokens (RFC 7519) with HS256 and nothing else."""

    def read(self, token: str, secrets: Sequence[str]) -> IdentifyClaims | None:
        # Imported with the first visitor who is identified: web never does that, and not every shop uses it.
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import OctKey

        for secret in secrets:
            try:
                claims = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
                return msgspec.convert(claims, IdentifyClaims)
            except (JoseError, ValueError):  # msgspec's errors are ValueErrors
                continue
        return None
