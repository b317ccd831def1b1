"""The settlement books. The measured hot path: lock, read and write are one statement each, whatever the batch.

Rows travel as JSON in both directions: one parameter and one column per table, encoded and decoded by msgspec
straight from and into the domain's Structs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.shared.postgres.arrays import Array, uuids
from adapters.shared.postgres.unit import Unit
from kernel.ids import PersonId, ProgrammeId
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from referral.domain.programme import History
from referral.domain.reasons import Check
from referral.domain.referral import Referral
from referral.domain.reward import Reward, Step
from referral.domain.settlement import Books, Move, Settled
from referral.domain.verdict import Verdict
from referral.ports import Due, OpenBooks


def _columns(struct: type[Struct]) -> str:
    return ", ".join(field.name for field in msgspec.structs.fields(struct))


ORDER: Final = _columns(Order)
CLAIM: Final = _columns(Claim)
REFERRAL: Final = _columns(Referral)
REWARD: Final = _columns(Reward)
STEP: Final = _columns(Step)
VERDICT: Final = (
    "order_id, order_revision, programme_id, advocate_id, offer_version, outcome, reason_code, reason, checks,"
    " advocate_minor, friend_minor, decided_at"
)
TRANSFER: Final = "reward_id, revision, debit, credit, customer_id, amount_minor, currency, change, at"


def _of_cases(table: str, columns: str) -> str:
    """The rows of the wanted cases, each by one look into the index. OFFSET 0 keeps the planner from joining instead:
    with the statistics of a young table it would read the shop's whole table for every batch."""
    return f"""SELECT found.* FROM wanted CROSS JOIN LATERAL (
        SELECT {columns} FROM {table}
        WHERE shop_id = %(shop)s AND programme_id = wanted.programme_id AND person_id = wanted.person_id OFFSET 0
    ) AS found"""


# A statement of its own: what is read after it is what the last holder of the lock has committed.
LOCK: Final = b"SELECT pg_advisory_xact_lock(hashtextextended('referral.books:' || %s::text, 0))"

READ: Final = f"""
WITH before AS MATERIALIZED (
    SELECT {ORDER} FROM settled_order WHERE shop_id = %(shop)s AND order_id = ANY(%(orders)s::uuid[])
), wanted AS MATERIALIZED (
    SELECT programme_id, person_id
    FROM unnest(%(programmes)s::uuid[], %(people)s::uuid[]) AS w (programme_id, person_id)
    UNION SELECT programme_id, person_id FROM before WHERE programme_id IS NOT NULL
    UNION SELECT programme_id, person_id FROM settled_order
          WHERE shop_id = %(shop)s AND claim_id = ANY(%(new_claims)s::uuid[]) AND programme_id IS NOT NULL
), o AS MATERIALIZED (
    {_of_cases("settled_order", ORDER)}
), c AS MATERIALIZED (
    {_of_cases("claim", CLAIM)}
    UNION SELECT {CLAIM} FROM claim WHERE shop_id = %(shop)s AND claim_id = ANY(
        %(named_claims)s::uuid[] || ARRAY(SELECT claim_id FROM o WHERE claim_id IS NOT NULL))
), f AS MATERIALIZED (
    {_of_cases("referral", REFERRAL)}
), w AS MATERIALIZED (
    {_of_cases("reward", REWARD)}
), a AS MATERIALIZED (
    SELECT * FROM advocate WHERE shop_id = %(shop)s AND advocate_id = ANY(
        %(advocates)s::uuid[] || ARRAY(SELECT advocate_id FROM o WHERE advocate_id IS NOT NULL
                                       UNION SELECT advocate_id FROM c UNION SELECT advocate_id FROM f))
)
SELECT json_build_object(
    'cases', coalesce((SELECT json_agg(json_build_array(programme_id, person_id)) FROM wanted), '[]'),
    'before', coalesce((SELECT json_agg(before) FROM before), '[]'),
    'orders', coalesce((SELECT json_agg(o) FROM o), '[]'),
    'claims', coalesce((SELECT json_agg(c) FROM c), '[]'),
    'referrals', coalesce((SELECT json_agg(f) FROM f), '[]'),
    'rewards', coalesce((SELECT json_agg(w) FROM w), '[]'),
    'advocates', coalesce((SELECT json_agg(a) FROM a), '[]'),
    'programmes', coalesce((
        SELECT json_agg(json_build_object(
            'programme_id', p.programme_id,
            'offers', coalesce((
                SELECT json_agg(json_build_object('terms', v.terms, 'launched_at', v.launched_at) ORDER BY v.version)
                FROM offer v WHERE v.shop_id = p.shop_id AND v.programme_id = p.programme_id
                                   AND v.launched_at IS NOT NULL), '[]'),
            'spans', coalesce((
                SELECT json_agg(json_build_object('revision', s.revision, 'state', s.state, 'since', s.since)
                                ORDER BY s.revision)
                FROM programme_state s WHERE s.shop_id = p.shop_id AND s.programme_id = p.programme_id), '[]')))
        FROM programme p WHERE p.shop_id = %(shop)s AND p.programme_id IN (SELECT programme_id FROM wanted)), '[]')
)::text
""".encode()


def _updates(columns: str, *fixed: str) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in columns.split(", ") if name not in fixed)


def _insert(table: str, columns: str) -> str:
    """One table's part of WRITE: its rows come as one JSON parameter named after the table."""
    return (
        f"INSERT INTO {table} (shop_id, {columns}) SELECT %(shop)s, {columns}"
        f" FROM json_populate_recordset(null::referral.{table}, %({table})s::json)"
    )


_REWARDS = f"""{_insert("reward", REWARD)} ON CONFLICT (shop_id, reward_id) DO UPDATE SET {
    _updates(
        "revision, offer_version, state, amount_minor, reason_code, reason, approve_after, first_order_only, changed_at"
    )
}"""
_REFERRALS = f"""{_insert("referral", REFERRAL)} ON CONFLICT (shop_id, referral_id) DO UPDATE SET {
    _updates("revision, claim_id, order_id, state, reason_code, reason, changed_at")
}"""
_ORDERS = f"""{_insert("settled_order", ORDER)} ON CONFLICT (shop_id, order_id) DO UPDATE SET {
    _updates(ORDER, "order_id")
} WHERE settled_order.revision < excluded.revision"""
_VERDICTS = (
    f"""{_insert("verdict", VERDICT)} ON CONFLICT (shop_id, order_id) DO UPDATE SET {_updates(VERDICT, "order_id")}"""
)
# Foreign keys are checked when the whole statement is done, so the parts may come in any order.
WRITE: Final = f"""
WITH f AS ({_REFERRALS}), w AS ({_REWARDS}), s AS ({_insert("reward_step", STEP)}),
     t AS ({_insert("transfer", TRANSFER)}), o AS ({_ORDERS}), c AS ({_insert("claim", CLAIM)} ON CONFLICT DO NOTHING)
{_VERDICTS}
""".encode()
REVERSE: Final = _REWARDS.encode()
FORGET: Final = b"DELETE FROM verdict WHERE shop_id = %s AND order_id = ANY(%s::uuid[])"

DUE: Final = f"""
WITH w AS MATERIALIZED (
    SELECT {", ".join(f"r.{name}" for name in REWARD.split(", "))}
    FROM reward r JOIN settled_order o ON o.shop_id = r.shop_id AND o.order_id = r.order_id
    WHERE r.shop_id = %(shop)s AND r.state = 'pending' AND r.approve_after <= %(now)s AND o.payment = 'paid'
    ORDER BY r.approve_after, r.reward_id LIMIT %(most)s FOR UPDATE OF r SKIP LOCKED
)
SELECT json_build_object(
    'rewards', coalesce((SELECT json_agg(w) FROM w), '[]'),
    'referrals', coalesce((
        SELECT json_agg(f) FROM (SELECT {REFERRAL} FROM referral WHERE shop_id = %(shop)s
                                 AND referral_id IN (SELECT referral_id FROM w)) f), '[]')
)::text
""".encode()


class _Read(Struct):
    cases: list[tuple[ProgrammeId, PersonId]]
    before: list[Order]
    orders: list[Order]
    claims: list[Claim]
    referrals: list[Referral]
    rewards: list[Reward]
    advocates: list[Advocate]
    programmes: list[History]


class _VerdictRow(Struct):
    order_id: UUID
    order_revision: int
    programme_id: UUID | None
    advocate_id: UUID | None
    offer_version: int | None
    outcome: str
    reason_code: str
    reason: str
    checks: tuple[Check, ...]
    advocate_minor: int
    friend_minor: int
    decided_at: datetime


_NOBODY: Final = UUID(int=0)
_read = msgspec.json.Decoder(_Read)
_due = msgspec.json.Decoder(Due)


class PostgresBooks:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._revisions: dict[UUID, int] = {}
        self._credited: set[UUID] = set()

    async def open(self, orders: Sequence[Order], claims: Sequence[Claim]) -> OpenBooks:
        self._unit.later(LOCK, (self._unit.shop_id,))
        credited = [order for order in orders if order.programme_id is not None]
        wanted: dict[str, Sequence[UUID | None]] = {
            "orders": [order.order_id for order in orders],
            "programmes": [order.programme_id for order in credited] + [claim.programme_id for claim in claims],
            "people": [order.person_id for order in credited] + [claim.person_id for claim in claims],
            "new_claims": [claim.claim_id for claim in claims],
            "named_claims": [order.claim_id for order in credited],
            "advocates": [order.advocate_id for order in credited] + [claim.advocate_id for claim in claims],
        }
        # What is missing (an order without a claim) is nobody's id, and finds nothing.
        arrays = {name: Array(uuids([one or _NOBODY for one in ids])) for name, ids in wanted.items()}
        ((found,),) = await self._unit.read(READ, {"shop": self._unit.shop_id, **arrays})
        read = _read.decode(found)
        self._revisions = {order.order_id: order.revision for order in (*read.orders, *read.before)}
        self._credited = {order.order_id for order in read.before if order.programme_id is not None}
        books = Books(
            orders=read.orders, claims=read.claims, programmes=read.programmes, advocates=read.advocates,
            referrals=read.referrals, rewards=read.rewards,
        )  # fmt: skip
        return OpenBooks(cases=read.cases, books=books, moved=read.before)

    async def close(self, orders: Sequence[Order], claims: Sequence[Claim], settled: Settled) -> None:
        revisions = self._revisions | {order.order_id: order.revision for order in orders}
        gone = [order.order_id for order in orders if order.programme_id is None and order.order_id in self._credited]
        if gone:
            self._unit.later(FORGET, (self._unit.shop_id, gone))
        now = self._unit.now()
        verdicts = [_verdict_row(verdict, revisions[verdict.order_id], now) for verdict in settled.verdicts]
        rewards = [move.reward for move in settled.moves] + settled.adjusted
        self._write(settled.moves, rewards, settled.referrals, orders, claims, verdicts)

    async def due(self, now: datetime, most: int) -> Due:
        self._unit.later(LOCK, (self._unit.shop_id,))
        ((found,),) = await self._unit.read(DUE, {"shop": self._unit.shop_id, "now": now, "most": most})
        return _due.decode(found)

    async def post(self, moves: Sequence[Move], referrals: Sequence[Referral]) -> None:
        self._write(moves, [move.reward for move in moves], referrals, (), (), ())

    def _write(
        self, moves: Sequence[Move], rewards: list[Reward], referrals: Sequence[Referral],
        orders: Sequence[Order], claims: Sequence[Claim], verdicts: Sequence[_VerdictRow],
    ) -> None:  # fmt: skip
        # Reversals first: a reward that ends makes room for the one that takes its place (unique indexes).
        reversals = [reward for reward in rewards if not reward.active]
        if reversals and len(reversals) < len(rewards):
            self._unit.later(REVERSE, {"shop": self._unit.shop_id, "reward": _json(reversals)})
            rewards = [reward for reward in rewards if reward.active]
        self._unit.later(
            WRITE,
            {
                "shop": self._unit.shop_id,
                "referral": _json(referrals),
                "reward": _json(rewards),
                "reward_step": _json([move.step for move in moves]),
                "transfer": _json([move.transfer() for move in moves]),
                "settled_order": _json(orders),
                "claim": _json(claims),
                "verdict": _json(verdicts),
            },
        )
        self._unit.publish(*(referral.told() for referral in referrals), *(m.reward.told(m.step) for m in moves))


def _verdict_row(verdict: Verdict, revision: int, at: datetime) -> _VerdictRow:
    return _VerdictRow(
        order_id=verdict.order_id, order_revision=revision, programme_id=verdict.programme_id,
        advocate_id=verdict.advocate_id, offer_version=verdict.offer.version if verdict.offer else None,
        outcome=verdict.outcome, reason_code=verdict.reason.code, reason=verdict.reason.sentence,
        checks=verdict.checks, advocate_minor=verdict.advocate_minor, friend_minor=verdict.friend_minor, decided_at=at,
    )  # fmt: skip


def _json(rows: Sequence[Any]) -> str:
    return msgspec.json.encode(rows).decode()
