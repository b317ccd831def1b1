"""What the shops context does when it hears another context's fact."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from adapters.shared.http.ids import to_wire
from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Subscription
from adapters.shops.postgres.audit import PostgresAudit
from kernel.events import Envelope
from kernel.ids import AdvocateId, OrderId, ProgrammeId
from shops.application.note_programmes import NoteProgrammes, ProgrammeNews
from shops.domain.audit import SYSTEM, Actor, Detail, Note, Steered


class ProgrammeChanged(Struct, frozen=True, kw_only=True):
    """What is read of `referral.programme_changed`."""

    programme_id: ProgrammeId
    revision: int
    state: str


class AttributionSteered(Struct, frozen=True, kw_only=True):
    """What is read of `tracking.attribution_steered`."""

    action: Steered
    key_id: str
    at: datetime
    order_id: OrderId | None = None
    programme_id: ProgrammeId | None = None
    advocate_id: AdvocateId | None = None
    rules_version: int | None = None
    code: str | None = None

    def note(self) -> Note:
        """What was decided stands first; what else belongs to it are details."""
        named = {"order": self.order_id, "chain": self.programme_id, "code": self.code}
        details: dict[str, Detail] = {}
        if self.programme_id is not None:
            details["programme_id"] = to_wire("prg", self.programme_id)
        if self.advocate_id is not None:
            details["advocate_id"] = to_wire("adv", self.advocate_id)
        if self.rules_version is not None:
            details["version"] = self.rules_version
        subject = str(named.get(self.action.partition(".")[0]) or "")
        return Note(actor=Actor("key", self.key_id), action=self.action, subject=subject, at=self.at, details=details)


class RetentionNoted(Struct, frozen=True, kw_only=True):
    """What is read of `tracking.retention_noted`."""

    action: Literal["retention.changed", "retention.applied"]
    key_id: str | None = None
    at: datetime
    orders_months: int
    clicks_months: int
    orders: int = 0
    clicks: int = 0
    events_months: int | None = None
    events: int = 0

    def note(self) -> Note:
        details: dict[str, Detail] = {"orders_months": self.orders_months, "clicks_months": self.clicks_months}
        if self.events_months is not None:
            details["events_months"] = self.events_months
        if self.action == "retention.applied":
            details |= {"orders": self.orders, "clicks": self.clicks, "events": self.events}
        actor = Actor("key", self.key_id) if self.key_id is not None else SYSTEM
        return Note(actor=actor, action=self.action, subject="", at=self.at, details=details)


def subscriptions(note_programmes: NoteProgrammes, audit_key: bytes) -> Sequence[Subscription]:
    async def on_programme_changed(unit: Unit, envelopes: Sequence[Envelope]) -> None:
        news = []
        for envelope in envelopes:
            fact = envelope.decode(ProgrammeChanged)
            news.append(
                ProgrammeNews(
                    programme_id=fact.programme_id,
                    revision=fact.revision,
                    state=fact.state,
                    at=envelope.occurred_at,
                )
            )
        await note_programmes(PostgresAudit(unit, audit_key), news)

    async def on_attribution_steered(unit: Unit, envelopes: Sequence[Envelope]) -> None:
        notes = [envelope.decode(AttributionSteered).note() for envelope in envelopes]
        await PostgresAudit(unit, audit_key).enter(*notes)

    async def on_retention_noted(unit: Unit, envelopes: Sequence[Envelope]) -> None:
        notes = [envelope.decode(RetentionNoted).note() for envelope in envelopes]
        await PostgresAudit(unit, audit_key).enter(*notes)

    return (
        Subscription("shops.note_retention", "tracking.retention_noted", on_retention_noted),
        Subscription("shops.note_programmes", "referral.programme_changed", on_programme_changed),
        Subscription("shops.note_attribution", "tracking.attribution_steered", on_attribution_steered),
    )
