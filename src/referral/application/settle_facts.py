"""Settle orders and claims: decide anew who earns what, from the latest state of all that is known.

Facts come in any order, repeated and late. An order counts with its highest revision, and the outcome depends on
the facts alone, so every sequence ends in the same state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from kernel.ids import OrderId
from referral.domain.facts import Claim, Order
from referral.domain.settlement import settle
from referral.ports import NewId, OpenBooks, Work


@dataclass(frozen=True, slots=True)
class SettleFacts:
    """Runs inside the transaction in which the facts were noted as heard."""

    new_id: NewId

    async def __call__(self, work: Work, *, orders: Sequence[Order] = (), claims: Sequence[Claim] = ()) -> bool:
        """True when rewards of what was told can be approved already: nobody needs to wait for the next round."""
        told = _newest(orders)
        opened = await work.books.open(told, claims)
        fresh = _fresh(told, opened)
        known_claims = {claim.claim_id for claim in opened.books.claims}
        new_claims = [
            claim
            for claim in {claim.claim_id: claim for claim in claims}.values()
            if claim.claim_id not in known_claims
        ]
        if not fresh and not new_claims:
            return False
        learned = replace(
            opened.books,
            orders=_newest((*opened.books.orders, *fresh)),
            claims=(*opened.books.claims, *new_claims),
        )
        now = work.now()
        settled = settle(opened.cases, learned, test_mode=work.test_mode, at=now, new_id=self.new_id)
        await work.books.close(fresh, new_claims, settled)
        return settled.leaves_due(learned, now)


def _newest(orders: Iterable[Order]) -> list[Order]:
    """The highest revision of each order."""
    newest: dict[OrderId, Order] = {}
    for order in orders:
        known = newest.get(order.order_id)
        if known is None or known.revision < order.revision:
            newest[order.order_id] = order
    return list(newest.values())


def _fresh(orders: Sequence[Order], opened: OpenBooks) -> list[Order]:
    known = {order.order_id: order.revision for order in opened.moved}
    return [order for order in orders if order.revision > known.get(order.order_id, 0)]
