"""What people of the shop decide about attribution: chains, the rule between programmes, and single orders."""

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from adapters.shared.postgres.unit import Unit
from adapters.tracking.channels import CACHES, LINKS_OF, TELL
from kernel.ids import AdvocateId, OrderId, ProgrammeId
from tracking.domain.attribution import Chain, Credit, KnownAdvocate, Plan, Policy
from tracking.domain.attribution.chain import CouponSiteRule
from tracking.domain.attribution.rules import SiteRule
from tracking.domain.attribution.steering import NotLiveYet, UnknownProgramme

_PAUSES_S: Final = (0.02, 0.05, 0.1, 0.2, 0.3, 0.3)
"""How long somebody who names a programme that was made just now is kept waiting for the news of it."""
# Whoever sets a chain or a rule of the shop takes turns, so that versions follow one another.
LOCK = b"SELECT pg_advisory_xact_lock(hashtextextended(%s, 42))"
CHAINS = b"""
SELECT version, since, plan::text, withdrawn_at, withdrawn_by FROM chain WHERE shop_id = %s AND programme_id = %s
ORDER BY version
"""
WITHDRAW_CHAIN = b"""
UPDATE chain SET withdrawn_at = %s, withdrawn_by = %s WHERE shop_id = %s AND programme_id = %s AND version = %s
"""
ADD_CHAIN = b"""
INSERT INTO chain (shop_id, programme_id, version, since, plan, set_by, set_at) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
# Whether it went live once, and whether it exists.
KNOWS = b"""
SELECT EXISTS (SELECT FROM known_window WHERE shop_id = %(shop)s AND programme_id = %(programme)s)
        OR EXISTS (SELECT FROM known_advocate WHERE shop_id = %(shop)s AND programme_id = %(programme)s),
    EXISTS (SELECT FROM known_programme WHERE shop_id = %(shop)s AND programme_id = %(programme)s)
"""
LEARN_PROGRAMMES = b"""
INSERT INTO known_programme (shop_id, programme_id) SELECT %s, * FROM unnest(%s::uuid[]) ON CONFLICT DO NOTHING
"""
DRAFT = b"SELECT plan::text FROM chain_draft WHERE shop_id = %s AND programme_id = %s"
SAVE_DRAFT = b"""
INSERT INTO chain_draft (shop_id, programme_id, plan, drafted_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (shop_id, programme_id) DO UPDATE SET plan = excluded.plan, drafted_at = excluded.drafted_at
"""
DROP_DRAFT = b"DELETE FROM chain_draft WHERE shop_id = %s AND programme_id = %s"
POLICIES = b"""
SELECT version, since, conflict, touch, withdrawn_at, withdrawn_by FROM attribution_policy WHERE shop_id = %s
ORDER BY version
"""
WITHDRAW_POLICY = b"""
UPDATE attribution_policy SET withdrawn_at = %s, withdrawn_by = %s WHERE shop_id = %s AND version = %s
"""
ADD_POLICY = b"""
INSERT INTO attribution_policy (shop_id, version, since, conflict, touch, set_by, set_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
SITE_RULES = b"""
SELECT version, since, rule::text, withdrawn_at, withdrawn_by FROM coupon_site_rule WHERE shop_id = %s
ORDER BY version
"""
WITHDRAW_SITE_RULE = b"""
UPDATE coupon_site_rule SET withdrawn_at = %s, withdrawn_by = %s WHERE shop_id = %s AND version = %s
"""
ADD_SITE_RULE = b"""
INSERT INTO coupon_site_rule (shop_id, version, since, rule, set_by, set_at) VALUES (%s, %s, %s, %s, %s, %s)
"""
PLACED_FROM = b"SELECT order_id FROM orders WHERE shop_id = %s AND placed_at >= %s ORDER BY order_id"
ADVOCATE = b"SELECT advocate_id, programme_id, code FROM known_advocate WHERE shop_id = %s AND advocate_id = %s"
IN_FORCE = b"""
SELECT order_id, programme_id, advocate_id, reason, credited_at FROM order_credit
WHERE shop_id = %s AND order_id = %s AND withdrawn_at IS NULL
"""
ADD_CREDIT = b"""
INSERT INTO order_credit (shop_id, credit_id, order_id, programme_id, advocate_id, reason, credited_by, credited_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
WITHDRAW = b"""
UPDATE order_credit SET withdrawn_at = %s, withdrawn_by = %s, withdrawn_reason = %s
WHERE shop_id = %s AND order_id = %s AND withdrawn_at IS NULL
"""
_plan = msgspec.json.Decoder(Plan)
_rule = msgspec.json.Decoder(CouponSiteRule)


def encoded(plan: Plan) -> str:
    return msgspec.json.encode(plan).decode()


def _is_new(programme_id: ProgrammeId) -> bool:
    """Whether the programme was made just now, so that the news of it may be on its way; its UUIDv7 says when."""
    return 0 <= time.time() - (programme_id.int >> 80) / 1000 < sum(_PAUSES_S)


@dataclass(frozen=True, slots=True)
class PostgresChains:
    """`Chains` of the unit's shop."""

    unit: Unit

    async def expect(self, programme_id: ProgrammeId, pointer: str | None = None, *, live: bool = True) -> None:
        went_live, exists = await self._knows(programme_id)
        for pause in _PAUSES_S:
            if went_live or exists or not _is_new(programme_id):
                break
            await asyncio.sleep(pause)
            went_live, exists = await self._knows(programme_id)
        if not went_live and (live or not exists):
            raise (NotLiveYet if exists else UnknownProgramme)(pointer=pointer)

    async def _knows(self, programme_id: ProgrammeId) -> tuple[bool, bool]:
        rows = await self.unit.read(KNOWS, {"shop": self.unit.shop_id, "programme": programme_id})
        return bool(rows[0][0]), bool(rows[0][1])

    async def note_drafted(self, programmes: Collection[ProgrammeId]) -> None:
        self.unit.later(LEARN_PROGRAMMES, (self.unit.shop_id, list(programmes)))

    async def of(self, programme_id: ProgrammeId) -> list[Chain]:
        await self._lock()
        rows = await self.unit.read(CHAINS, (self.unit.shop_id, programme_id))
        return [
            Chain(
                programme_id=programme_id,
                version=version,
                since=since,
                plan=_plan.decode(plan),
                withdrawn_at=withdrawn_at,
                withdrawn_by=withdrawn_by,
            )
            for version, since, plan, withdrawn_at, withdrawn_by in rows
        ]

    async def add(self, chain: Chain, by: str) -> None:
        values = (self.unit.shop_id, chain.programme_id, chain.version, chain.since, encoded(chain.plan), by)
        self.unit.later(ADD_CHAIN, (*values, self.unit.now()))
        self.unit.later(TELL, (CACHES, f"{LINKS_OF}{self.unit.shop_id}"))

    async def withdraw(self, chain: Chain) -> None:
        named = (self.unit.shop_id, chain.programme_id, chain.version)
        self.unit.later(WITHDRAW_CHAIN, (chain.withdrawn_at, chain.withdrawn_by, *named))

    async def draft(self, programme_id: ProgrammeId) -> Plan | None:
        rows = await self.unit.read(DRAFT, (self.unit.shop_id, programme_id))
        row = rows[0] if rows else None
        return _plan.decode(row[0]) if row else None

    async def save_draft(self, programme_id: ProgrammeId, plan: Plan | None) -> None:
        if plan is None:
            self.unit.later(DROP_DRAFT, (self.unit.shop_id, programme_id))
            return
        values = (self.unit.shop_id, programme_id, encoded(plan), self.unit.now())
        self.unit.later(SAVE_DRAFT, values)

    async def policies(self) -> list[Policy]:
        await self._lock()
        rows = await self.unit.read(POLICIES, (self.unit.shop_id,))
        return [
            Policy(
                version=version,
                since=since,
                conflict=conflict,
                touch=touch,
                withdrawn_at=withdrawn_at,
                withdrawn_by=withdrawn_by,
            )
            for version, since, conflict, touch, withdrawn_at, withdrawn_by in rows
        ]

    async def add_policy(self, policy: Policy, by: str) -> None:
        values = (self.unit.shop_id, policy.version, policy.since, policy.conflict, policy.touch, by, self.unit.now())
        self.unit.later(ADD_POLICY, values)

    async def withdraw_policy(self, policy: Policy) -> None:
        values = (policy.withdrawn_at, policy.withdrawn_by, self.unit.shop_id, policy.version)
        self.unit.later(WITHDRAW_POLICY, values)

    async def site_rules(self) -> list[SiteRule]:
        await self._lock()
        rows = await self.unit.read(SITE_RULES, (self.unit.shop_id,))
        return [
            SiteRule(
                version=version,
                since=since,
                rule=_rule.decode(text),
                withdrawn_at=withdrawn_at,
                withdrawn_by=withdrawn_by,
            )
            for version, since, text, withdrawn_at, withdrawn_by in rows
        ]

    async def add_site_rule(self, rule: SiteRule, by: str) -> None:
        text = msgspec.json.encode(rule.rule).decode()
        self.unit.later(ADD_SITE_RULE, (self.unit.shop_id, rule.version, rule.since, text, by, self.unit.now()))

    async def withdraw_site_rule(self, rule: SiteRule) -> None:
        values = (rule.withdrawn_at, rule.withdrawn_by, self.unit.shop_id, rule.version)
        self.unit.later(WITHDRAW_SITE_RULE, values)

    async def placed_from(self, since: datetime) -> list[OrderId]:
        rows = await self.unit.read(PLACED_FROM, (self.unit.shop_id, since))
        return [row[0] for row in rows]

    async def _lock(self) -> None:
        self.unit.later(LOCK, (f"tracking.chains:{self.unit.shop_id}",))


@dataclass(frozen=True, slots=True)
class PostgresCredits:
    """`Credits` of the unit's shop."""

    unit: Unit

    async def advocate(self, advocate_id: AdvocateId) -> KnownAdvocate | None:
        rows = await self.unit.read(ADVOCATE, (self.unit.shop_id, advocate_id))
        row = rows[0] if rows else None
        return KnownAdvocate(advocate_id=row[0], programme_id=row[1], code=row[2]) if row else None

    async def in_force(self, order_id: OrderId) -> Credit | None:
        rows = await self.unit.read(IN_FORCE, (self.unit.shop_id, order_id))
        row = rows[0] if rows else None
        if row is None:
            return None
        return Credit(order_id=row[0], programme_id=row[1], advocate_id=row[2], reason=row[3], credited_at=row[4])

    async def add(self, credit: Credit, credit_id: UUID, by: str) -> None:
        values = (self.unit.shop_id, credit_id, credit.order_id, credit.programme_id, credit.advocate_id)
        self.unit.later(ADD_CREDIT, (*values, credit.reason, by, credit.credited_at))

    async def withdraw(self, order_id: OrderId, reason: str, by: str, at: datetime) -> None:
        self.unit.later(WITHDRAW, (at, by, reason, self.unit.shop_id, order_id))
