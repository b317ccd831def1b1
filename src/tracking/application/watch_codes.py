"""Count how advocates' codes are used, and raise an alert about one that a coupon site seems to show."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from kernel.ids import OrderId
from tracking.domain.attribution import Known, codes_of
from tracking.domain.attribution.coupon_site import Watched, to_watch, uses_of
from tracking.domain.attribution.known import Alert
from tracking.domain.order import Order
from tracking.ports import Work


def without_codes(before: Sequence[Order], drafts: Mapping[OrderId, Order]) -> list[Order]:
    """The orders, as they were, of which a code was taken since: an order that was edited is no use of it any more."""
    return [order for order in before if _codes(order) - _codes(drafts[order.order_id])]


def _codes(order: Order) -> set[str]:
    snapshot = order.facts.snapshot
    return set() if snapshot is None or snapshot.test else set(codes_of(snapshot))


async def watch_codes(work: Work, drafts: Mapping[OrderId, Order], dropped: Sequence[Order], known: Known) -> Known:
    """Note the uses that these orders are, and give what is known with the alerts that this raises or withdraws.

    `dropped` are those among them that lost a code, as they were; what is known is known of their codes too. A use
    counts for windows that end at or after it, so only those are counted again: nothing when nothing changed, nothing
    when the code had tripped before. The code's other orders are decided again after this work.
    """
    uses = uses_of(drafts.values(), known)
    if not uses and not dropped:
        return known
    changed = await work.codes.note(list(drafts), uses)
    watched = [each for each in to_watch(changed, known) if _matters(each, known.alerts.get(each.code))]
    if not watched:
        return known
    moments = await work.codes.tripped(watched)
    alerts = dict(known.alerts)
    put, gone = [], []
    for code in dict.fromkeys(each.code for each in watched):
        before, at = known.alerts.get(code), moments.get(code)
        if at is None:
            if before is not None and before.state == "open":
                gone.append(code)
                del alerts[code]
                work.codes.decide_later(code, before.tripped_at)
        elif before is None or before.tripped_at != at:
            advocate = known.advocates_by_code[code][0]
            alert = before or Alert(
                code=code, programme_id=advocate.programme_id, advocate_id=advocate.advocate_id, tripped_at=at
            )
            alerts[code] = replace(alert, tripped_at=at)
            put.append(alerts[code])
            work.codes.decide_later(code, min(at, before.tripped_at) if before else at)
    if put or gone:
        await work.codes.put(put, gone)
    return replace(known, alerts=alerts)


def _matters(watched: Watched, alert: Alert | None) -> bool:
    return alert is None or (alert.state != "released" and watched.earliest <= alert.tripped_at)
