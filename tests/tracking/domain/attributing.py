"""What the tests of attribution build their orders and facts from."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.tracking.reasons import read_back
from kernel.ids import AdvocateId, ClaimId, ClickId, CustomerId, OrderId, PersonId, ProgrammeId
from tracking.domain.attribution import Chain, Known, KnownAdvocate, KnownClaim, KnownClick, Plan, Step, Window
from tracking.domain.attribution import attribute as decide
from tracking.domain.decision import METHODS, Decided
from tracking.domain.order import Order, OrderFacts, OrderKey, Snapshot

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROGRAMME, OTHER = ProgrammeId(UUID(int=9)), ProgrammeId(UUID(int=10))
ADA, ZOE = AdvocateId(UUID(int=1)), AdvocateId(UUID(int=2))
CLAIM, CLICK, BEN, CLEO = ClaimId(UUID(int=3)), ClickId(UUID(int=4)), PersonId(UUID(int=5)), PersonId(UUID(int=6))
ORDER = OrderId(UUID(int=8))


def attribute(snapshot: Snapshot, known: Known) -> Decided:
    key = OrderKey("own", "A-1")
    decided = decide(Order(order_id=ORDER, key=key, facts=OrderFacts(snapshot=snapshot)), known)
    said = [loser.reason for loser in decided.losers] + ([decided.winner.reason] if decided.winner else [])
    assert [reason for reason in said if read_back(reason) is None] == [], (
        "write them down in adapters.tracking.reasons"
    )
    return decided


def order(**changes: Any) -> Snapshot:
    values: dict[str, Any] = {
        "updated_at": NOON,
        "number": "#1",
        "placed_at": NOON,
        "currency": "EUR",
        "total_minor": 1000,
        "lines": (),
        "payment": "paid",
        "customer_id": CustomerId(CLEO),
        "person_id": CLEO,
    }
    return Snapshot(**values | changes)


def claim(**changes: Any) -> KnownClaim:
    values: dict[str, Any] = {
        "claim_id": CLAIM,
        "programme_id": PROGRAMME,
        "advocate_id": ADA,
        "person_id": BEN,
        "code": "BEN44444",
        "click_id": None,
        "claimed_at": NOON - timedelta(days=1),
        "expires_at": NOON + timedelta(days=29),
    }
    return KnownClaim(**values | changes)


def click(**changes: Any) -> KnownClick:
    values: dict[str, Any] = {
        "click_id": CLICK,
        "visitor": "person",
        "clicked_at": NOON - timedelta(days=2),
        "advocate_id": ADA,
        "programme_id": PROGRAMME,
    }
    return KnownClick(**values | changes)


def advocate(advocate_id: AdvocateId = ZOE, code: str = "Z0E52026", **changes: Any) -> KnownAdvocate:
    values: dict[str, Any] = {"advocate_id": advocate_id, "programme_id": PROGRAMME, "code": code}
    return KnownAdvocate(**values | changes)


def everything_on(**changes: Any) -> Plan:
    steps = tuple(Step(method=method) for method in METHODS)
    values: dict[str, Any] = {"steps": steps, "campaigns": ("Spring Sale",)}
    return Plan(**values | changes)


def chains(plan: Plan, *programmes: ProgrammeId) -> dict[str, Any]:
    """The plan in force for the programmes since long ago, as version 2, and their terms: 30 days."""
    since = NOON - 99 * DAY
    wanted = programmes or (PROGRAMME,)
    return {
        "chains": {each: [Chain(programme_id=each, version=2, since=since, plan=plan)] for each in wanted},
        "windows": {each: [Window(since=since, days=30)] for each in wanted},
    }


def known_under(plan: Plan | None = None, **changes: Any) -> Known:
    """What is known where a plan is in force; without one, every method counts."""
    return Known(**chains(plan or everything_on()) | changes)


def losses(decided: Decided) -> list[tuple[str, str]]:
    return [(loser.method, loser.code) for loser in decided.losers]
