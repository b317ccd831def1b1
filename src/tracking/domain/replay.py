"""Replay: what another chain of a programme would have made of orders that were decided already. Changes nothing."""

from datetime import UTC, datetime
from typing import Final, Literal, NewType
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import OrderId, ProgrammeId
from tracking.domain.attribution import Chain, Known, Plan
from tracking.domain.attribution.coupon_site import Watched
from tracking.domain.attribution.known import Alert
from tracking.domain.attribution.rules import site_rule_at
from tracking.domain.decision import Decided, Touch

ReplayId = NewType("ReplayId", UUID)
Kind = Literal["gained", "lost", "moved", "other_method"]
"""gained: nobody's before, somebody's now. lost: the other way round. moved: another advocate or campaign.
other_method: the same one by another method."""

_EVER: Final = datetime(1, 1, 1, tzinfo=UTC)
REPLAYED: Final = 1_000_000_000
"""The version by which a replayed chain is known while it is replayed; nothing keeps it."""


class ReplayNotFound(DomainError):
    code = "unknown_replay"
    kind = "not_found"
    title = "There is no such replay"


class Replay(Struct, frozen=True, kw_only=True):
    """`plan` in the place of the programme's chains, over the orders placed from `since` on and before `until`.

    `reached` is the last order that was looked at: they are taken in the order of their ids.
    """

    replay_id: ReplayId
    programme_id: ProgrammeId
    plan: Plan
    since: datetime
    until: datetime
    state: Literal["waiting", "running", "done"] = "waiting"
    orders_total: int = 0
    orders_done: int = 0
    reached: OrderId | None = None


class Difference(Struct, frozen=True, kw_only=True):
    """An order that would have been decided otherwise."""

    order_id: OrderId
    kind: Kind
    before: Touch | None
    after: Touch | None

    @property
    def reason(self) -> str:
        """Why it would be decided so, in one sentence."""
        return self.after.reason if self.after else "Under this chain nothing on the order counts for anybody."


def compare(order_id: OrderId, before: Decided | None, after: Decided) -> Difference | None:
    """What is different for whoever the order is credited to; None when nothing is."""
    old, new = before.winner if before else None, after.winner
    kind: Kind
    if old is None or new is None:
        if old is new:
            return None
        kind = "gained" if old is None else "lost"
    elif _party(old) != _party(new):
        kind = "moved"
    elif old.method != new.method:
        kind = "other_method"
    else:
        return None
    return Difference(order_id=order_id, kind=kind, before=old, after=new)


def under(plan: Plan, programme_id: ProgrammeId, known: Known, alerts: dict[str, Alert]) -> Known:
    """What is known, with the plan in force for the programme ever since, and its codes' alerts by its own rule."""
    chain = Chain(programme_id=programme_id, version=REPLAYED, since=_EVER, plan=plan)
    others = {code: alert for code, alert in known.alerts.items() if alert.programme_id != programme_id}
    return replace(known, chains={**known.chains, programme_id: [chain]}, alerts=others | alerts)


def codes_to_watch(replay: Replay, known: Known) -> list[Watched]:
    """The programme's advocates' codes among what is known, to be counted from the start by one rule: the plan's, else
    the shop's at the end of the time that is replayed."""
    rule = replay.plan.coupon_site or site_rule_at(known.site_rules, replay.until)
    if not rule.on:
        return []
    return [
        Watched(code=code, rule=rule, since=start, until=None, earliest=start, scan_from=start)
        for code, advocates in sorted(known.advocates_by_code.items())
        if advocates[0].programme_id == replay.programme_id
        and code not in known.claims_by_code
        and not known.is_exempt(code)
        for start in [known.exempt.get(code) or _EVER]
    ]


def alerts_under(programme_id: ProgrammeId, known: Known, moments: dict[str, datetime]) -> dict[str, Alert]:
    """The alerts that the counting would have raised; what a person said about a code stands."""
    said = {
        code: alert
        for code, alert in known.alerts.items()
        if alert.programme_id == programme_id and alert.state != "open"
    }
    raised = {
        code: Alert(
            code=code,
            programme_id=programme_id,
            advocate_id=known.advocates_by_code[code][0].advocate_id,
            tripped_at=at,
        )
        for code, at in moments.items()
    }
    return raised | said


def _party(touch: Touch) -> tuple[object, ...]:
    return touch.programme_id, touch.advocate_id, touch.campaign
