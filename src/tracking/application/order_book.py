"""Brings orders up to date: attribution, first orders, revisions. Shared by every use case that changes orders."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from kernel.ids import OrderId
from tracking.application.watch_codes import watch_codes, without_codes
from tracking.domain.attribution import attribute
from tracking.domain.decision import Touch
from tracking.domain.first_orders import Placed, first_orders
from tracking.domain.order import Order, OrderFacts, amounts, disputed
from tracking.events import Attribution, CampaignCredit, OrderChanged
from tracking.ports import Work


async def rebook(work: Work, before: Sequence[Order], facts: Mapping[OrderId, OrderFacts]) -> list[Order]:
    """Give the orders their new facts (those without keep theirs), decide all that follows from it, save and publish.

    The caller holds the orders' lock. Other orders of the same people change too when a first order does.
    """
    drafts = {order.order_id: replace(order, facts=facts.get(order.order_id, order.facts)) for order in before}
    dropped = without_codes(before, drafts)
    known = await watch_codes(work, drafts, dropped, await work.evidence.about([*drafts.values(), *dropped]))
    for order_id, draft in drafts.items():
        if draft.facts.snapshot is not None:
            drafts[order_id] = replace(draft, decided=attribute(draft, known))
    originals = {order.order_id: order for order in before}
    firsts = await _first_orders(work, before, drafts)
    flipped = [order_id for order_id in firsts if order_id not in drafts]
    for order in await work.orders.by_ids(flipped) if flipped else ():
        originals[order.order_id] = drafts[order.order_id] = order
    return await _save(work, originals, drafts, firsts)


async def rebook_placed_from(work: Work, since: datetime) -> None:
    """Decide the orders again that a platform's fast clock placed at or after a moment that is now or ahead."""
    await work.orders.lock()
    placed = await work.chains.placed_from(since)
    if placed:
        await rebook(work, await work.orders.by_ids(placed), {})


async def _first_orders(work: Work, before: Iterable[Order], drafts: Mapping[OrderId, Order]) -> dict[OrderId, bool]:
    """The drafts' first-order marks, and those of other orders that flip because of them."""
    snapshots = [order.facts.snapshot for order in (*before, *drafts.values()) if order.facts.snapshot is not None]
    persons = {snapshot.person_id for snapshot in snapshots}
    customers = {snapshot.customer_id for snapshot in snapshots}
    touched = timeline = await work.orders.timeline(persons, customers)
    if {each.person_id for each in touched} - persons or {each.customer_id for each in touched} - customers:
        # Whether one of these is the first depends on orders further on: of its buyer's other address or account.
        timeline = await work.orders.timeline(
            persons.union(each.person_id for each in touched), customers.union(each.customer_id for each in touched)
        )
    stored = [placed for placed in timeline if placed.order_id not in drafts]
    fresh = [placed for placed in map(_placed, drafts.values()) if placed is not None]
    marks = first_orders([*stored, *fresh])
    present = {placed.order_id: placed.first_order for placed in touched if placed.order_id not in drafts}
    decided = (*present, *(placed.order_id for placed in fresh))
    return {order_id: marks[order_id] for order_id in decided if present.get(order_id) is not marks[order_id]}


async def _save(
    work: Work, originals: Mapping[OrderId, Order], drafts: Mapping[OrderId, Order], firsts: Mapping[OrderId, bool]
) -> list[Order]:
    changed: list[Order] = []
    events: list[OrderChanged] = []
    result: list[Order] = []
    for order_id, draft in drafts.items():
        order = replace(draft, first_order=firsts.get(order_id, draft.first_order))
        original = originals[order_id]
        if order.facts.snapshot is not None and (original.revision == 0 or _visible(order) != _visible(original)):
            order = replace(order, revision=original.revision + 1)
            events.append(order_changed(order))
        if order != original or order.revision == 0:
            changed.append(order)
        result.append(order)
    if changed:
        await work.orders.save(changed, events)
    return result


def order_changed(order: Order) -> OrderChanged:
    """The order's published state. The order must be known by a snapshot."""
    snapshot = order.facts.snapshot
    if snapshot is None:
        raise ValueError("an order without a snapshot is not published")
    base, final_base = amounts(order.facts)
    return OrderChanged(
        order_id=order.order_id,
        revision=order.revision,
        number=snapshot.number,
        placed_at=snapshot.placed_at,
        state="cancelled" if order.cancelled else "open",
        payment=snapshot.payment,
        test=snapshot.test,
        currency=snapshot.currency,
        total_minor=snapshot.total_minor,
        base_minor=base,
        final_base_minor=final_base,
        customer_id=snapshot.customer_id,
        person_id=snapshot.person_id,
        first_order=order.first_order,
        attribution=_published(order.decided.winner if order.decided else None),
        campaign=_campaign(order.decided.winner if order.decided else None),
        fulfilment=snapshot.fulfilment,
        fulfilled_at=snapshot.fulfilled_at,
        dispute=disputed(order.facts),
    )


def _visible(order: Order) -> OrderChanged | None:
    if order.facts.snapshot is None:
        return None
    return order_changed(replace(order, revision=0))


def _published(winner: Touch | None) -> Attribution | None:
    if winner is None or winner.advocate_id is None:
        return None
    return Attribution(
        method=winner.method,
        programme_id=winner.programme_id,
        advocate_id=winner.advocate_id,
        claim_id=winner.claim_id,
        click_id=winner.click_id,
        touched_at=winner.touched_at,
        reason=winner.reason,
    )


def _campaign(winner: Touch | None) -> CampaignCredit | None:
    if winner is None or winner.advocate_id is not None or winner.campaign is None:
        return None
    return CampaignCredit(
        method=winner.method,
        programme_id=winner.programme_id,
        campaign=winner.campaign,
        click_id=winner.click_id,
        touched_at=winner.touched_at,
        reason=winner.reason,
    )


def _placed(order: Order) -> Placed | None:
    snapshot = order.facts.snapshot
    if snapshot is None:
        return None
    return Placed(
        order_id=order.order_id,
        person_id=snapshot.person_id,
        customer_id=snapshot.customer_id,
        placed_at=snapshot.placed_at,
        sort_key=order.sort_key,
        undone=order.cancelled or snapshot.payment == "voided",
        test=snapshot.test,
        first_order=order.first_order,
    )
