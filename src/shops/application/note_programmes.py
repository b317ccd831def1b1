"""Enter what happened to programmes in the audit log, as the referral context tells it."""

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.ids import ProgrammeId
from shops.domain.audit import SYSTEM, Note
from shops.ports import Audit


class ProgrammeNews(Struct, frozen=True, kw_only=True):
    programme_id: ProgrammeId
    revision: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteProgrammes:
    """Runs inside the transaction in which the facts were received, so that each is entered once."""

    async def __call__(self, audit: Audit, news: list[ProgrammeNews]) -> None:
        await audit.enter(
            *(
                Note(
                    actor=SYSTEM,
                    action="programme.changed",
                    subject=str(each.programme_id),
                    at=each.at,
                    details={"revision": each.revision, "state": each.state},
                )
                for each in news
            )
        )
