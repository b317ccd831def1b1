"""A programme: what a shop offers for recommendations, its offer versions and the times in which it was live."""

from datetime import datetime
from typing import Final, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import OfferId, ProgrammeId, ShopId
from referral.domain.terms import Terms
from referral.events import OfferTerms, ProgrammeChanged, ProgrammeDrafted

State = Literal["draft", "live", "paused", "ended"]
MOVES: Final[dict[State, frozenset[State]]] = {
    "draft": frozenset({"live"}),
    "live": frozenset({"paused", "ended"}),
    "paused": frozenset({"live", "ended"}),
    "ended": frozenset(),
}
"""What may follow what; the table's trigger refuses the rest as well."""


class ProgrammeNotFound(DomainError):
    code = "programme_not_found"
    kind = "not_found"
    title = "There is no such programme"


class ProgrammeMoveRefused(DomainError):
    code = "programme_move_refused"
    kind = "conflict"
    title = "The programme cannot do this in its state"


class OfferImmutable(DomainError):
    code = "offer_immutable"
    kind = "conflict"
    title = "The terms of a launched programme never change; add a new offer version"


class ProgrammeOutdated(DomainError):
    code = "programme_outdated"
    kind = "stale"
    title = "The programme was changed by somebody else; read it again"


class Offer(Struct, frozen=True, kw_only=True):
    """One version of the terms. In force from `launched_at` until the next version's; None while it is a draft."""

    terms: OfferTerms
    launched_at: datetime | None = None


class Span(Struct, frozen=True, kw_only=True):
    """From `since`, until the next span, the programme was in `state`."""

    revision: int
    state: State
    since: datetime


class Programme(Struct, frozen=True, kw_only=True):
    """The aggregate. Times of moves are whole seconds, because shop platforms tell an order's time in whole seconds."""

    shop_id: ShopId
    programme_id: ProgrammeId
    revision: int
    title: str
    kind: Literal["refer_a_friend"] = "refer_a_friend"
    state: State = "draft"
    offers: tuple[Offer, ...]
    spans: tuple[Span, ...] = ()
    created_at: datetime

    @classmethod
    def draft(
        cls, *, shop_id: ShopId, programme_id: ProgrammeId, offer_id: OfferId, title: str, terms: Terms, at: datetime
    ) -> tuple[Self, ProgrammeDrafted]:
        offer = Offer(terms=terms.checked().as_offer(offer_id, 1))
        span = Span(revision=1, state="draft", since=_second(at))
        programme = cls(
            shop_id=shop_id, programme_id=programme_id, revision=1, title=title,
            offers=(offer,), spans=(span,), created_at=at,
        )  # fmt: skip
        return programme, ProgrammeDrafted(programme_id=programme_id, drafted_at=at)

    @property
    def in_force(self) -> OfferTerms | None:
        launched = [offer.terms for offer in self.offers if offer.launched_at is not None]
        return launched[-1] if launched else None

    def expect(self, revision: int | None) -> None:
        """Refuse an edit that was made on an older revision."""
        if revision is not None and revision != self.revision:
            raise ProgrammeOutdated

    def edit(self, *, title: str | None, terms: Terms | None) -> "tuple[Programme, ProgrammeChanged]":
        """Change the title at any time, the terms while the programme is a draft."""
        offers = self.offers
        if terms is not None:
            if self.state != "draft":
                raise OfferImmutable(pointer="/terms")
            offers = (Offer(terms=terms.checked().as_offer(self.offers[0].terms.offer_id, 1)),)
        return _told(replace(self, title=title or self.title, offers=offers, revision=self.revision + 1))

    def launch(self, at: datetime) -> "tuple[Programme, ProgrammeChanged]":
        """Go live with the drafted terms, which never change again."""
        if self.state != "draft":
            raise ProgrammeMoveRefused("Only a draft can be launched.")
        offer = replace(self.offers[-1], launched_at=_second(at))
        return _told(replace(self, offers=(*self.offers[:-1], offer))._moved("live", at))

    def pause(self, at: datetime) -> "tuple[Programme, ProgrammeChanged]":
        return _told(self._moved("paused", at))

    def resume(self, at: datetime) -> "tuple[Programme, ProgrammeChanged]":
        if self.state != "paused":
            raise ProgrammeMoveRefused("Only a paused programme can be resumed.")
        return _told(self._moved("live", at))

    def end(self, at: datetime) -> "tuple[Programme, ProgrammeChanged]":
        return _told(self._moved("ended", at))

    def add_offer(self, offer_id: OfferId, terms: Terms, at: datetime) -> "tuple[Programme, ProgrammeChanged]":
        """Put new terms in force from now on; deals that were claimed before keep the terms they were claimed under."""
        if self.state not in ("live", "paused"):
            raise ProgrammeMoveRefused("A new offer version needs a programme that is live or paused.")
        last = self.offers[-1]
        if terms.currency != last.terms.currency:
            raise ProgrammeMoveRefused("A programme keeps its currency.", pointer="/terms/currency")
        offer = Offer(terms=terms.checked().as_offer(offer_id, last.terms.version + 1), launched_at=_second(at))
        return _told(replace(self, offers=(*self.offers, offer), revision=self.revision + 1))

    @property
    def takes_advocates(self) -> bool:
        """Whether customers may be enrolled."""
        return self.state == "live"

    def _moved(self, state: State, at: datetime) -> Self:
        if state not in MOVES[self.state]:
            raise ProgrammeMoveRefused(f"A programme that is {self.state} cannot become {state}.")
        span = Span(revision=self.revision + 1, state=state, since=_second(at))
        return replace(self, state=state, revision=span.revision, spans=(*self.spans, span))


class History(Struct, frozen=True, kw_only=True):
    """What settling needs of a programme: its launched offers and its states, both oldest first."""

    programme_id: ProgrammeId
    offers: tuple[Offer, ...]
    spans: tuple[Span, ...]

    def live_at(self, moment: datetime) -> bool:
        state: State = "draft"
        for span in self.spans:
            if span.since <= moment:
                state = span.state
        return state == "live"

    def offer_at(self, moment: datetime) -> OfferTerms | None:
        """The version in force then; before the first launch, the first version."""
        found = self.offers[0].terms if self.offers else None
        for offer in self.offers:
            if offer.launched_at is not None and offer.launched_at <= moment:
                found = offer.terms
        return found

    def offer_promised(self, version: int | None, moment: datetime) -> OfferTerms | None:
        """The offer of this version; without one the version in force then.

        Who promises hears of a new version a little later than it is in force, and what was promised counts.
        """
        named = [offer.terms for offer in self.offers if offer.terms.version == version]
        return named[0] if named else self.offer_at(moment)


def _told(programme: Programme) -> tuple[Programme, ProgrammeChanged]:
    return programme, ProgrammeChanged(
        programme_id=programme.programme_id,
        revision=programme.revision,
        title=programme.title,
        kind=programme.kind,
        state=programme.state,
        terms=programme.in_force,
    )


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
