"""What tracking knows of the things that orders point at: read for a whole batch at once, in two round trips."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote_plus
from uuid import UUID

import msgspec

from adapters.shared.postgres.unit import Unit
from adapters.tracking.channels import CACHES, LINKS_OF, TELL
from adapters.tracking.postgres import evidence_sql as sql
from kernel.ids import ClaimId, CustomerId, PersonId, ProgrammeId
from tracking.domain.attribution import (
    Chain,
    Credit,
    Known,
    KnownAdvocate,
    KnownClaim,
    KnownClick,
    KnownInvite,
    KnownSeat,
    Plan,
    Policy,
    Window,
    invites_of,
    stored_form,
)
from tracking.domain.attribution.chain import CouponSiteRule
from tracking.domain.attribution.known import Alert, differ_from
from tracking.domain.attribution.rules import SiteRule
from tracking.domain.decision import Method
from tracking.domain.hint import OrderHint, order_name
from tracking.domain.order import Order, Snapshot

_SLACK = timedelta(seconds=2)
_ADDRESS_SLACK = timedelta(hours=2)
_plan = msgspec.json.Decoder(Plan)
_rule = msgspec.json.Decoder(CouponSiteRule)
K = TypeVar("K")
V = TypeVar("V")
Rows = list[tuple[Any, ...]]


def recorded_between(click_ids: Iterable[UUID]) -> tuple[datetime, datetime]:
    """When clicks of these ids were recorded: a UUIDv7 starts with its milliseconds, so few partitions are read."""
    stamps = [datetime.fromtimestamp((click_id.int >> 80) / 1000, UTC) for click_id in click_ids]
    return min(stamps) - _SLACK, max(stamps) + _SLACK


@dataclass(frozen=True, slots=True)
class PostgresEvidence:
    """`Evidence` of the unit's shop. The number of statements does not depend on the number of orders."""

    unit: Unit

    async def about(self, orders: Sequence[Order], tried: Plan | None = None) -> Known:
        known = [(order, order.facts.snapshot) for order in orders if order.facts.snapshot is not None]
        if not known:
            return Known()
        names = {order_name(order.key.external_id) for order, _ in known}
        names |= {order_name(snapshot.number) for _, snapshot in known}
        rules, noted, by_hand = await self.unit.read_all(
            (sql.RULES, {"shop": self.unit.shop_id}),
            (sql.HINTS, (self.unit.shop_id, sorted(names))),
            (sql.CREDITS, (self.unit.shop_id, [order.order_id for order, _ in known])),
        )
        ruled, decided = _rules(rules), {row[0]: _credit(row) for row in by_hand}
        plans = [each.plan for chains in ruled["chains"].values() for each in chains] + ([tried] if tried else [])
        used = {step.method for plan in plans for step in plan.steps}
        found = await self._pointed_at([snapshot for _, snapshot in known], noted, used)
        return Known(**found, **ruled, credits=decided)

    async def _pointed_at(self, snapshots: Sequence[Snapshot], noted: Rows, used: set[Method]) -> dict[str, Any]:
        hints = [_hint(row) for row in noted]
        codes = {code for snapshot in snapshots for code in invites_of(snapshot)}
        codes |= {code for hint in hints for code in map(stored_form, hint.codes) if code}
        wanted = self._wanted(snapshots, hints, codes)
        clicks = {s.click_id for s in snapshots if s.click_id} | {h.click_id for h in hints if h.click_id}
        asked: dict[str, tuple[bytes, Any]] = {"people": (sql.PEOPLE, wanted)}
        if codes:
            asked["alerts"] = (sql.ALERTS, {"shop": self.unit.shop_id, "codes": wanted["codes"]})
        if clicks:
            asked["clicks"] = (sql.CLICKS, (self.unit.shop_id, list(clicks), *recorded_between(clicks)))
        if "invite_code" in used:
            asked["inviters"] = (sql.INVITERS, wanted)
            asked["seats"] = (sql.SEATS, (self.unit.shop_id, wanted["persons"]))
            asked["invites"] = (sql.INVITES, (self.unit.shop_id, wanted["codes"]))
        if "same_address" in used and any(row[8] is not None for row in noted):
            asked["near"] = (sql.NEAR, self._near(noted))
        found = dict(zip(asked, await self.unit.read_all(*asked.values()), strict=True))
        return {
            **_people([*found["people"], *found.get("inviters", ())]),
            "hints": _grouped((hint.order_ref, hint) for hint in hints),
            "alerts": {row[0]: _alert(row) for row in found.get("alerts", ()) if row[4] is not None},
            "exempt": {row[0]: row[3] for row in found.get("alerts", ()) if row[4] is None},
            "clicks": {row[0]: _click(row) for row in found.get("clicks", ())},
            "clicks_by_address": _grouped((bytes(row[6]), _click(row)) for row in found.get("near", ())),
            "seats": _grouped((row[0], _seat(row)) for row in found.get("seats", ())),
            "invites": {row[0]: _invite(row) for row in found.get("invites", ())},
        }

    def _wanted(self, snapshots: Sequence[Snapshot], hints: Sequence[OrderHint], codes: set[str]) -> dict[str, Any]:
        signs = [snapshot.signs for snapshot in snapshots if snapshot.signs is not None]
        claims = {s.claim_id for s in snapshots if s.claim_id} | {h.claim_id for h in hints if h.claim_id}
        names = {s.name_key for s in signs if s.name_key} | {h.name_key for h in hints if h.name_key}
        return {
            "shop": self.unit.shop_id,
            "claims": list(claims),
            "codes": sorted(codes),
            "persons": list({snapshot.person_id for snapshot in snapshots}),
            "phones": list({sign.phone_id for sign in signs if sign.phone_id is not None}),
            "names": list(names),
        }

    def _near(self, noted: Rows) -> tuple[Any, ...]:
        """Clicks from the hints' addresses. A range of ids is a range of time, so no further index is needed."""
        hashes = [row[8] for row in noted if row[8] is not None]
        # Said and noted: a message may be late, and the shop's clock may have been moved forward.
        said = [(row[9], row[10]) for row in noted if row[8] is not None]
        start, end = min(map(min, said)) - _ADDRESS_SLACK, max(noted_at for _, noted_at in said) + _SLACK
        return self.unit.shop_id, hashes, _id_at(start), _id_at(end), start, end

    async def learn_advocates(self, advocates: Sequence[KnownAdvocate]) -> None:
        rows = [(a.advocate_id, a.programme_id, a.code, a.customer_id, a.name_key) for a in advocates]
        self._learn(sql.LEARN_ADVOCATES, rows)

    async def learn_claims(self, claims: Sequence[KnownClaim]) -> None:
        rows = [
            (
                *(c.claim_id, c.programme_id, c.advocate_id, c.person_id, c.code, c.click_id),
                *(c.claimed_at, c.expires_at, c.phone_id),
            )
            for c in claims
        ]
        self._learn(sql.LEARN_CLAIMS, rows)

    async def learn_seats(self, seats: Sequence[KnownSeat]) -> None:
        rows = [(s.person_id, s.code, s.redeemed_at, s.inviter_id, s.campaign) for s in seats]
        self._learn(sql.LEARN_SEATS, rows)

    async def learn_invites(self, invites: Sequence[KnownInvite]) -> None:
        rows = [(i.code, i.inviter_id, i.campaign, i.valid_from, i.expires_at) for i in invites]
        self._learn(sql.LEARN_INVITES, rows)

    async def learn_windows(self, windows: Sequence[tuple[ProgrammeId, int, Window]]) -> Mapping[ProgrammeId, datetime]:
        programmes = {programme_id for programme_id, _, _ in windows}
        before = await self._windows()
        rows = [(programme_id, revision, window.since, window.days) for programme_id, revision, window in windows]
        self._learn(sql.LEARN_WINDOWS, rows)
        after = await self._windows()
        since = {
            programme: differ_from(before.get(programme, []), after.get(programme, [])) for programme in programmes
        }
        news = {programme: moment for programme, moment in since.items() if moment is not None}
        if news:
            self.unit.later(TELL, (CACHES, f"{LINKS_OF}{self.unit.shop_id}"))
        return news

    async def invited_by(self, inviters: Sequence[CustomerId]) -> tuple[list[PersonId], list[str]]:
        rows = await self.unit.read(sql.INVITED_BY, {"shop": self.unit.shop_id, "inviters": list(inviters)})
        return [row[0] for row in rows if row[1] is None], [row[1] for row in rows if row[1] is not None]

    async def forget_names(self, customers: Sequence[CustomerId]) -> list[UUID]:
        rows = await self.unit.read(sql.FORGET_NAMES, {"shop": self.unit.shop_id, "customers": list(customers)})
        return [row[0] for row in rows]

    def _learn(self, statement: bytes, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.unit.later(statement, (self.unit.shop_id, *columns))

    async def _windows(self) -> Mapping[ProgrammeId, list[Window]]:
        rows = await self.unit.read(sql.RULES, {"shop": self.unit.shop_id})
        windows: Mapping[ProgrammeId, list[Window]] = _rules(rows)["windows"]
        return windows


def _rules(rows: Rows) -> dict[str, Any]:
    windows: dict[ProgrammeId, list[Window]] = defaultdict(list)
    chains: dict[ProgrammeId, list[Chain]] = defaultdict(list)
    policies: list[Policy] = []
    site_rules: list[SiteRule] = []
    for kind, programme_id, since, number, text, touch in rows:
        if kind == 1:
            windows[programme_id].append(Window(since=since, days=number))
        elif kind == 2:
            plan = _plan.decode(text)
            chains[programme_id].append(Chain(programme_id=programme_id, version=number, since=since, plan=plan))
        elif kind == 3:
            policies.append(Policy(version=number, since=since, conflict=text, touch=touch))
        else:
            site_rules.append(SiteRule(version=number, since=since, rule=_rule.decode(text)))
    for each in windows.values():
        each.sort(key=lambda window: (window.since, window.days))
    for versions in chains.values():
        versions.sort(key=lambda chain: chain.since)
    policies.sort(key=lambda policy: policy.since)
    site_rules.sort(key=lambda rule: rule.since)
    return {"windows": windows, "chains": chains, "policies": policies, "site_rules": site_rules}


def _people(rows: Rows) -> dict[str, Any]:
    """Claims and advocates by everything that they are looked up by, each sorted by id."""
    claims = {row[0]: _claim(row) for row in rows if row[0] is not None}
    found = {row[2]: _advocate(row) for row in rows if row[0] is None}
    advocates = [found[advocate_id] for advocate_id in sorted(found)]
    return {
        "claims": claims,
        "claims_by_code": {claim.code: claim for claim in claims.values()},
        "claims_by_person": _grouped((claim.person_id, claim) for claim in claims.values()),
        "claims_by_phone": _grouped((claim.phone_id, claim) for claim in claims.values() if claim.phone_id),
        "advocates_by_code": _grouped((advocate.code, advocate) for advocate in advocates),
        "advocates_by_name": _grouped((each.name_key, each) for each in advocates if each.name_key),
        "advocates_by_customer": _grouped((each.customer_id, each) for each in advocates if each.customer_id),
    }


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups


def _claim(row: tuple[Any, ...]) -> KnownClaim:
    return KnownClaim(
        claim_id=ClaimId(row[0]),
        programme_id=row[1],
        advocate_id=row[2],
        person_id=row[3],
        code=row[4],
        click_id=row[5],
        claimed_at=row[6],
        expires_at=row[7],
        phone_id=row[8],
    )


def _advocate(row: tuple[Any, ...]) -> KnownAdvocate:
    return KnownAdvocate(advocate_id=row[2], programme_id=row[1], code=row[4], customer_id=row[9], name_key=row[10])


def _click(row: tuple[Any, ...]) -> KnownClick:
    return KnownClick(
        click_id=row[0],
        visitor=row[1],
        clicked_at=row[2],
        advocate_id=row[3],
        programme_id=row[4],
        campaign=unquote_plus(row[5]) if row[5] else None,
    )


def _hint(row: tuple[Any, ...]) -> OrderHint:
    return OrderHint(
        order_ref=row[0],
        source=row[1],
        click_id=row[3],
        claim_id=row[4],
        codes=tuple(row[5]),
        visitor=row[6],
        campaign=row[7],
        address_hash=bytes(row[8]) if row[8] is not None else None,
        at=row[9],
        name_key=row[11],
    )


def _credit(row: tuple[Any, ...]) -> Credit:
    return Credit(order_id=row[0], programme_id=row[1], advocate_id=row[2], reason=row[3], credited_at=row[4])


def _alert(row: tuple[Any, ...]) -> Alert:
    return Alert(code=row[0], programme_id=row[1], advocate_id=row[2], tripped_at=row[3], state=row[4])


def _seat(row: tuple[Any, ...]) -> KnownSeat:
    return KnownSeat(person_id=row[0], code=row[1], redeemed_at=row[2], inviter_id=row[3], campaign=row[4])


def _invite(row: tuple[Any, ...]) -> KnownInvite:
    return KnownInvite(code=row[0], inviter_id=row[1], campaign=row[2], valid_from=row[3], expires_at=row[4])


def _id_at(moment: datetime) -> UUID:
    """The least UUIDv7 of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
