"""What is read to be shown: rows become Structs in one statement each, whatever the number of rows."""

from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.postgres.known_shop import ShopFacts
from adapters.shared.postgres.unit import Unit, Units
from kernel.ids import AdvocateId, ProgrammeId, ReferralId, RewardId, ShopId
from referral.domain.advocate import Advocate, AdvocateNotFound
from referral.domain.programme import Programme, ProgrammeNotFound
from referral.domain.reasons import Check, Value
from referral.domain.referral import Referral, ReferralNotFound
from referral.domain.reward import Reward, RewardNotFound, Step

R = TypeVar("R")


class VerdictRow(Struct, frozen=True):
    order_id: UUID
    order_revision: int
    programme_id: UUID
    advocate_id: UUID
    offer_version: int | None
    outcome: str
    reason_code: str
    reason: str
    checks: list[Check]
    advocate_minor: int
    friend_minor: int
    currency: str
    decided_at: datetime


class StatementStep(Struct, frozen=True):
    change: str
    amount_minor: int
    previous_amount_minor: int
    reason_code: str
    reason: str
    facts: dict[str, Value]
    at: datetime


class StatementReward(Struct, frozen=True):
    reward_id: UUID
    order_id: UUID
    state: str
    amount_minor: int
    currency: str
    approve_after: datetime
    earned_at: datetime
    paid: bool
    steps: list[StatementStep]


class Balance(Struct, frozen=True):
    account: str
    currency: str
    amount_minor: int
    customer_id: UUID | None = None


class Statement(Struct, frozen=True):
    advocate: Advocate
    balances: list[Balance]
    rewards: list[StatementReward]
    claimed: int
    """Friends who took the deal and have not ordered yet."""


class StatementView(Struct, frozen=True):
    statement: Statement
    shop: ShopFacts
    now: datetime


class TransferRow(Struct, frozen=True):
    reward_id: UUID
    revision: int
    debit: str
    credit: str
    customer_id: UUID
    amount_minor: int
    currency: str
    change: str
    at: datetime


_PROGRAMME: Final = """
SELECT p.shop_id, p.programme_id, p.revision, p.title, p.kind, p.state, p.created_at,
    (SELECT json_agg(json_build_object('terms', o.terms, 'launched_at', o.launched_at) ORDER BY o.version)
     FROM offer o WHERE o.shop_id = p.shop_id AND o.programme_id = p.programme_id) AS offers
FROM programme p WHERE p.shop_id = %(shop)s
"""
PROGRAMMES: Final = f"""{_PROGRAMME} AND (%(after)s::uuid IS NULL OR p.programme_id < %(after)s)
ORDER BY p.programme_id DESC LIMIT %(limit)s"""
PROGRAMME: Final = f"{_PROGRAMME} AND p.programme_id = %(id)s"
ADVOCATES: Final = """
SELECT * FROM advocate WHERE shop_id = %(shop)s AND (%(after)s::uuid IS NULL OR advocate_id < %(after)s)
    AND (%(code)s::text IS NULL OR code = %(code)s) AND (%(customer)s::uuid IS NULL OR customer_id = %(customer)s)
    AND (%(programme)s::uuid IS NULL OR programme_id = %(programme)s)
ORDER BY advocate_id DESC LIMIT %(limit)s"""
ADVOCATE: Final = "SELECT * FROM advocate WHERE shop_id = %(shop)s AND advocate_id = %(id)s"
REFERRALS: Final = """
SELECT * FROM referral WHERE shop_id = %(shop)s AND (%(after)s::uuid IS NULL OR referral_id < %(after)s)
    AND (%(advocate)s::uuid IS NULL OR advocate_id = %(advocate)s) AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(programme)s::uuid IS NULL OR programme_id = %(programme)s)
ORDER BY referral_id DESC LIMIT %(limit)s"""
REFERRAL: Final = "SELECT * FROM referral WHERE shop_id = %(shop)s AND referral_id = %(id)s"
REWARDS: Final = """
SELECT * FROM reward WHERE shop_id = %(shop)s AND (%(after)s::uuid IS NULL OR reward_id < %(after)s)
    AND (%(advocate)s::uuid IS NULL OR advocate_id = %(advocate)s) AND (%(state)s::text IS NULL OR state = %(state)s)
    AND (%(order)s::uuid IS NULL OR order_id = %(order)s)
    AND (%(customer)s::uuid IS NULL OR customer_id = %(customer)s)
    AND (%(referral)s::uuid IS NULL OR referral_id = %(referral)s)
ORDER BY reward_id DESC LIMIT %(limit)s"""
REWARD: Final = "SELECT * FROM reward WHERE shop_id = %(shop)s AND reward_id = %(id)s"
STEPS: Final = "SELECT * FROM reward_step WHERE shop_id = %(shop)s AND reward_id = %(id)s ORDER BY revision"
_VERDICT: Final = """
SELECT v.*, o.currency FROM verdict v JOIN settled_order o USING (shop_id, order_id) WHERE v.shop_id = %(shop)s"""
VERDICT: Final = f"{_VERDICT} AND v.order_id = %(order)s"
REFERRAL_VERDICTS: Final = f"""{_VERDICT} AND v.programme_id = %(programme)s AND v.advocate_id = %(advocate)s
    AND o.programme_id = %(programme)s AND o.person_id = %(person)s ORDER BY o.placed_at LIMIT 100"""
VERDICTS: Final = f"""{_VERDICT} AND (%(after)s::uuid IS NULL OR v.order_id < %(after)s)
    AND (%(order)s::uuid IS NULL OR v.order_id = %(order)s) AND (%(outcome)s::text IS NULL OR v.outcome = %(outcome)s)
ORDER BY v.order_id DESC LIMIT %(limit)s"""
ACCOUNTS: Final = """
SELECT account, currency, sum(amount_minor)::bigint AS amount_minor,
    CASE WHEN %(customer)s::uuid IS NOT NULL THEN %(customer)s::uuid END AS customer_id
FROM posting WHERE shop_id = %(shop)s AND (%(customer)s::uuid IS NULL OR customer_id = %(customer)s)
GROUP BY account, currency ORDER BY account, currency"""
TRANSFERS: Final = """
SELECT * FROM transfer WHERE shop_id = %(shop)s
    AND (%(customer)s::uuid IS NULL OR customer_id = %(customer)s)
    AND (%(reward)s::uuid IS NULL OR reward_id = %(reward)s)
    AND (%(at)s::timestamptz IS NULL
         OR (at, reward_id, revision) < (%(at)s::timestamptz, %(last)s::uuid, %(revision)s::bigint))
ORDER BY at DESC, reward_id DESC, revision DESC LIMIT %(limit)s"""
STATEMENT: Final = """
SELECT json_build_object(
    'advocate', (SELECT row_to_json(a) FROM advocate a WHERE a.shop_id = %(shop)s AND a.advocate_id = %(id)s),
    'claimed', (SELECT count(*) FROM referral f
                WHERE f.shop_id = %(shop)s AND f.advocate_id = %(id)s AND f.state = 'claimed'),
    'balances', coalesce((
        SELECT json_agg(b) FROM (
            SELECT p.account, p.currency, sum(p.amount_minor)::bigint AS amount_minor
            FROM reward r JOIN posting p ON p.shop_id = r.shop_id AND p.reward_id = r.reward_id
            WHERE r.shop_id = %(shop)s AND r.advocate_id = %(id)s AND r.side = 'advocate'
            GROUP BY p.account, p.currency) b), '[]'),
    'rewards', coalesce((
        SELECT json_agg(w ORDER BY w.earned_at DESC, w.reward_id DESC) FROM (
            SELECT r.reward_id, r.order_id, r.state, r.amount_minor, r.currency, r.approve_after, r.earned_at,
                coalesce(o.payment = 'paid', false) AS paid,
                (SELECT json_agg(s ORDER BY s.revision) FROM reward_step s
                 WHERE s.shop_id = r.shop_id AND s.reward_id = r.reward_id) AS steps
            FROM reward r LEFT JOIN settled_order o ON o.shop_id = r.shop_id AND o.order_id = r.order_id
            WHERE r.shop_id = %(shop)s AND r.advocate_id = %(id)s AND r.side = 'advocate'
            ORDER BY r.reward_id DESC LIMIT 100) w), '[]')
)::text"""


class Reads:
    """Queries of one shop. Lists are newest first; `after` is the last id of the page before."""

    def __init__(self, units: Units) -> None:
        self._units = units

    async def programmes(self, shop_id: ShopId, *, after: UUID | None, limit: int) -> list[Programme]:
        return await self._rows(shop_id, PROGRAMMES, Programme, after=after, limit=limit)

    async def programme(self, shop_id: ShopId, programme_id: ProgrammeId) -> Programme:
        found = await self._rows(shop_id, PROGRAMME, Programme, id=programme_id)
        if not found:
            raise ProgrammeNotFound
        return found[0]

    async def advocates(
        self, shop_id: ShopId, *, code: str | None, customer: UUID | None, programme: UUID | None,
        after: UUID | None, limit: int,
    ) -> list[Advocate]:  # fmt: skip
        return await self._rows(
            shop_id, ADVOCATES, Advocate, code=code, customer=customer, programme=programme, after=after, limit=limit
        )

    async def advocate(self, shop_id: ShopId, advocate_id: AdvocateId) -> Advocate:
        found = await self._rows(shop_id, ADVOCATE, Advocate, id=advocate_id)
        if not found:
            raise AdvocateNotFound
        return found[0]

    async def referrals(self, shop_id: ShopId, **filters: Any) -> list[Referral]:
        return await self._rows(shop_id, REFERRALS, Referral, **filters)

    async def referral(self, shop_id: ShopId, referral_id: ReferralId) -> tuple[Referral, list[VerdictRow]]:
        async with self._units(shop_id) as unit:
            found = await _rows(unit, REFERRAL, Referral, id=referral_id)
            if not found:
                raise ReferralNotFound
            case = {"programme": found[0].programme_id, "advocate": found[0].advocate_id, "person": found[0].person_id}
            return found[0], await _rows(unit, REFERRAL_VERDICTS, VerdictRow, **case)

    async def rewards(self, shop_id: ShopId, **filters: Any) -> list[Reward]:
        return await self._rows(shop_id, REWARDS, Reward, **filters)

    async def reward(self, shop_id: ShopId, reward_id: RewardId) -> tuple[Reward, list[Step], list[VerdictRow]]:
        async with self._units(shop_id) as unit:
            found = await _rows(unit, REWARD, Reward, id=reward_id)
            if not found:
                raise RewardNotFound
            steps = await _rows(unit, STEPS, Step, id=reward_id)
            return found[0], steps, await _rows(unit, VERDICT, VerdictRow, order=found[0].order_id)

    async def verdicts(self, shop_id: ShopId, **filters: Any) -> list[VerdictRow]:
        return await self._rows(shop_id, VERDICTS, VerdictRow, **filters)

    async def accounts(self, shop_id: ShopId, customer: UUID | None) -> list[Balance]:
        return await self._rows(shop_id, ACCOUNTS, Balance, customer=customer)

    async def transfers(self, shop_id: ShopId, **filters: Any) -> list[TransferRow]:
        return await self._rows(shop_id, TRANSFERS, TransferRow, **filters)

    async def statement(self, shop_id: ShopId, advocate_id: AdvocateId) -> StatementView:
        async with self._units(shop_id) as unit:
            await _found(unit, ADVOCATE, id=advocate_id)
            cursor = await unit.raw.execute(STATEMENT.encode(), {"shop": shop_id, "id": advocate_id})
            ((text,),) = await cursor.fetchall()
            return StatementView(msgspec.json.decode(text, type=Statement), unit.shop, unit.now())

    async def _rows(self, shop_id: ShopId, statement: str, row: type[R], **values: Any) -> list[R]:
        async with self._units(shop_id) as unit:
            return await _rows(unit, statement, row, **values)


async def _found(unit: Unit, statement: str, **values: Any) -> None:
    if not await _rows(unit, statement, Advocate, **values):
        raise AdvocateNotFound


async def _rows(unit: Unit, statement: str, row: type[R], **values: Any) -> list[R]:
    cursor = await unit.raw.execute(
        f"SELECT coalesce(json_agg(t), '[]')::text FROM ({statement}) t".encode(), {"shop": unit.shop_id, **values}
    )
    ((text,),) = await cursor.fetchall()
    return msgspec.json.decode(text, type=list[row])  # type: ignore[valid-type]
