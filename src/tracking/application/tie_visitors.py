"""Tie visitors to customers where the shop's server vouches for it, and forget those who withdrew their consent."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kernel.ids import ShopId
from tracking.domain.report import Identity
from tracking.domain.tag_work import DueEvent, IdentifyClaims, IdentifyTokenInvalid, Tie, is_withdrawn, token_of
from tracking.ports import BeginWork, Customers, IdentifyTokens


@dataclass(frozen=True, slots=True)
class TieVisitors:
    """Gives what became of each event, by its id: a word for people. Doing it twice changes nothing."""

    begin: BeginWork
    customers: Customers
    tokens: IdentifyTokens

    async def __call__(self, shop_id: ShopId, events: Sequence[DueEvent]) -> dict[UUID, str]:
        async with self.begin(shop_id) as work:
            secrets = (await work.tag_settings.get()).identify_secrets
        read = [(event, self._read(event, secrets)) for event in events if event.name == "identify"]
        known = [(event, claims) for event, claims in read if claims is not None]
        identities = await self.customers.identify(shop_id, [claims.buyer() for _, claims in known]) if known else []
        ties = [_tie(event, who) for (event, _), who in zip(known, identities, strict=True) if event.visitor]
        gone = [event.visitor for event in events if is_withdrawn(event) and event.visitor]
        async with self.begin(shop_id) as work:
            await work.visitors.tie(ties)
            await work.visitors.forget(gone)
        tied = {tie.visitor for tie in ties}
        return {event.event_id: _outcome(event, claims, tied) for event, claims in read} | {
            event.event_id: "consent_withdrawn" if is_withdrawn(event) else "consent_noted"
            for event in events
            if event.name == "consent"
        }

    def _read(self, event: DueEvent, secrets: Sequence[str]) -> IdentifyClaims | None:
        claims = self.tokens.read(token_of(event), secrets)
        return claims if claims is not None and claims.holds(event) else None


def _tie(event: DueEvent, who: Identity) -> Tie:
    return Tie(
        visitor=event.visitor or "",
        customer_id=who.customer_id,
        person_id=who.person_id,
        identified_at=event.happened_at,
    )


def _outcome(event: DueEvent, claims: IdentifyClaims | None, tied: set[str]) -> str:
    if claims is None:
        return IdentifyTokenInvalid.code
    return "identified" if event.visitor in tied else "identified_without_consent"
