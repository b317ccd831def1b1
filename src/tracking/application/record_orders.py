"""Take in what a platform reported about a shop's orders: merge, attribute and publish, in one transaction."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from kernel.errors import CurrencyMismatch, DomainError, InvalidAmount
from kernel.ids import OrderId, ShopId
from tracking.application.order_book import rebook
from tracking.domain.delivery import DeliveryRef, Outcome
from tracking.domain.namesakes import joined, namesakes
from tracking.domain.order import Order, OrderFacts, OrderKey
from tracking.domain.report import Buyer, DateInFuture, Identity, OpenedTokens, OrderReport, RefundKnown, UnknownLine
from tracking.domain.stores import KnownStore, SecondStore, check_store
from tracking.ports import BeginWork, Customers, NewId, Tokens, Work

_NOBODY = OpenedTokens()


class Reported(Struct, frozen=True, kw_only=True):
    """One report, and the stored delivery that it came in, if any."""

    report: OrderReport
    delivery: DeliveryRef | None = None
    store: str = ""
    """The store of the platform that the delivery came from, where orders are numbered within one."""
    strict: bool = False
    """Refuse a refund of lines that the order does not show, and another of a known id. Platforms are not strict: their
    order may come later, and their refunds change."""


class RecordedReports(Struct, frozen=True, kw_only=True):
    """`orders` by the platform's name for them, and which of them are `new`: reported for the first time; `refusals` in
    the place of each report, None when it was taken."""

    orders: Mapping[OrderKey, Order]
    new: Set[OrderKey]
    refusals: Sequence[DomainError | None]


@dataclass(frozen=True, slots=True)
class RecordOrders:
    """Reports in any order and repetition lead to the same orders. A refused report spoils no other.

    People are identified before the transaction begins. A delivery is settled with its effect: done, or parked
    with the refusal's code.
    """

    begin: BeginWork
    customers: Customers
    tokens: Tokens
    new_id: NewId

    async def __call__(self, shop_id: ShopId, reported: Sequence[Reported]) -> RecordedReports:
        identities = await self._identify(shop_id, reported)
        opened = [self.tokens.opened(one.report.order) if one.report.order else _NOBODY for one in reported]
        async with self.begin(shop_id) as work:
            currency, now = work.shop.currency, work.now()
            refusals = [_refusal(one.report, currency, now) for one in reported]
            if any(one.strict for one in reported):
                refusals = await _refused_refunds(work, reported, refusals)
            if any(one.store for one in reported):
                refusals = await _refused_stores(work, reported, refusals)
            facts: dict[OrderKey, OrderFacts] = {}
            for one, refusal, tokens in zip(reported, refusals, opened, strict=True):
                if refusal is None:
                    buyer = one.report.order.introduced() if one.report.order else None
                    said = one.report.facts(currency, identities.get(buyer), tokens)
                    for key, told in ((one.report.key, said), *one.report.namesakes.items()):
                        facts[key] = facts.get(key, OrderFacts()).merge(told)
            orders, new = await self._book(work, facts) if facts else ({}, set())
            await _settle(work, reported, refusals)
        return RecordedReports(orders=orders, new=new, refusals=refusals)

    async def _identify(self, shop_id: ShopId, reported: Sequence[Reported]) -> dict[Buyer | None, Identity]:
        buyers = list(dict.fromkeys(one.report.order.introduced() for one in reported if one.report.order is not None))
        if not buyers:
            return {}
        return dict(zip(buyers, await self.customers.identify(shop_id, buyers), strict=True))

    async def _book(
        self, work: Work, said: Mapping[OrderKey, OrderFacts]
    ) -> tuple[dict[OrderKey, Order], set[OrderKey]]:
        await work.orders.lock()
        known = await work.orders.of(said)
        merged = {key: known[key].facts.merge(told) if key in known else told for key, told in said.items()}
        others = namesakes(merged)
        if others:
            for key, other in (await work.orders.of(others)).items():
                known[key], merged[key] = other, other.facts
        merged = joined(merged)
        before = [known.get(key) or self._unknown(key) for key in merged]
        after = await rebook(work, before, {one.order_id: merged[one.key] for one in before})
        return {order.key: order for order in after}, {one.key for one in before if one.revision == 0}

    def _unknown(self, key: OrderKey) -> Order:
        return Order(order_id=OrderId(self.new_id()), key=key, facts=OrderFacts())


def _refusal(report: OrderReport, currency: str, now: datetime) -> DomainError | None:
    try:
        report.check(currency).check_dates(now)
    except (CurrencyMismatch, InvalidAmount, DateInFuture) as refusal:
        return refusal
    return None


async def _refused_refunds(
    work: Work, reported: Sequence[Reported], refusals: Sequence[DomainError | None]
) -> list[DomainError | None]:
    await work.orders.lock()
    known = await work.orders.of({one.report.key for one in reported if one.strict})
    found = list(refusals)
    for place, one in enumerate(reported):
        if one.strict and found[place] is None and one.report.key in known:
            try:
                one.report.check_refunds(known[one.report.key].facts)
            except (UnknownLine, RefundKnown) as refusal:
                found[place] = refusal
    return found


async def _refused_stores(
    work: Work, reported: Sequence[Reported], refusals: Sequence[DomainError | None]
) -> list[DomainError | None]:
    """The first store that is heard is the shop's, so the shop's orders are locked before it is asked for."""
    await work.orders.lock()
    known: dict[str, list[KnownStore]] = {}
    found = list(refusals)
    for place, one in enumerate(reported):
        if one.delivery is None or not one.store or found[place] is not None:
            continue
        platform, said = one.report.key.platform, KnownStore(one.delivery.connection_id, one.store)
        if platform not in known:
            known[platform] = await work.order_stores.of(platform)
        try:
            check_store(platform, said, known[platform])
        except SecondStore as refusal:
            found[place] = refusal
            continue
        if said not in known[platform]:
            known[platform].append(said)
            await work.order_stores.add(platform, [said])
    return found


async def _settle(work: Work, reported: Sequence[Reported], refusals: Sequence[DomainError | None]) -> None:
    outcomes = [
        Outcome(ref=one.delivery, state="parked", code=refusal.code, reason=refusal.detail)
        if refusal is not None
        else Outcome(ref=one.delivery, state="done")
        for one, refusal in zip(reported, refusals, strict=True)
        if one.delivery is not None
    ]
    if outcomes:
        await work.deliveries.settle(outcomes)
