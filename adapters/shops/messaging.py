"""What the shops context does when it hears another context's fact."""

from collections.abc import Sequence

from msgspec import Struct

from adapters.shared.postgres.unit import Unit
from adapters.shared.queue.subscriptions import Subscription
from adapters.shops.postgres.audit import PostgresAudit
from kernel.events import Envelope
from kernel.ids import ProgrammeId
from shops.application.note_programmes import NoteProgrammes, ProgrammeNews


class ProgrammeChanged(Struct, frozen=True, kw_only=True):
    """What is read of `referral.programme_changed`."""

    programme_id: ProgrammeId
    revision: int
    state: str


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

    return (Subscription("shops.note_programmes", "referral.programme_changed", on_programme_changed),)
