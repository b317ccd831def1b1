"""People steer attribution over the API: credit an order by hand, look at what is unclear, settle alerts."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.shared.texts import SOURCE
from adapters.tracking.http.attribution_answers import AttributionAnswer, attribution_answer
from adapters.tracking.http.shapes import (
    READ,
    WRITE,
    Cursor,
    Language,
    Limit,
    Locale,
    LocaleName,
    next_cursor,
    position,
    reader,
)
from adapters.tracking.postgres.reads import Reads
from adapters.tracking.postgres.steering_reads import SteeringReads
from kernel.codes import normalise, shown
from kernel.ids import AdvocateId, OrderId, ProgrammeId
from kernel.texts import UNSEEN
from tracking.application.credit_order import CreditOrder, CreditTo
from tracking.application.settle_alert import SettleAlert, Verdict
from tracking.application.withdraw_credit import TakeBack, WithdrawCredit
from tracking.domain.decision import Decided

_LETTER: Final = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
Why = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern=rf"^{_LETTER}*[^{UNSEEN}]{_LETTER}*$",
        examples=["Ben told us on the phone that Ada sent him."],
    ),
]
AlertStates = Literal["open", "blocked", "released"]
AlertState = Annotated[AlertStates | None, QueryParameter(required=False)]
STEERS = {"idempotency": "required"}
"""Who is owed money changes: a repeated request must be recognised."""
_decided = msgspec.json.Decoder(Decided)


class CreditBody(Body, frozen=True, kw_only=True):
    """`programme_id` may be left out; given, the advocate must be of it."""

    advocate_id: Annotated[str, Meta(examples=["adv_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    programme_id: Annotated[str, Meta(examples=["prg_01k9z7d2m8f3rt5wq6x7y8z9ab"])] | None = None
    reason: Why


class WithdrawBody(Body, frozen=True, kw_only=True):
    reason: Why


class CreditAnswer(Answer, frozen=True, kw_only=True):
    """What a person of the shop said about an order, and whether it was taken back."""

    programme_id: str
    advocate_id: str
    reason: str
    credited_by: str
    credited_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    withdrawn_reason: str | None


class CreditedAnswer(Answer, frozen=True, kw_only=True):
    order_id: str
    attribution: AttributionAnswer
    credits: list[CreditAnswer]
    """Newest first."""


class ReviewAnswer(Answer, frozen=True, kw_only=True):
    """An order that nobody has, because what it says fits several advocates."""

    order_id: str
    number: str
    placed_at: datetime
    attribution: AttributionAnswer


class ReviewList(Answer, frozen=True, kw_only=True):
    items: list[ReviewAnswer]
    next_cursor: str | None


class SettleBody(Body, frozen=True, kw_only=True):
    """`blocked`: for good. `released`: the code credits again, also for the orders since it tripped."""

    state: Literal["blocked", "released"]
    reason: Why


class AlertAnswer(Answer, frozen=True, kw_only=True):
    """A code that is used as if a coupon site showed it. It credits nobody from `tripped_at` on until released."""

    code: Annotated[str, Meta(examples=["ADA2-2026"])]
    programme_id: str
    advocate_id: str
    state: AlertStates
    tripped_at: datetime
    raised_at: datetime
    orders: int
    """That carry the code, ever."""
    orders_without_touch: int
    settled_at: datetime | None
    settled_by: str | None
    reason: str | None


class AlertList(Answer, frozen=True, kw_only=True):
    items: list[AlertAnswer]
    next_cursor: str | None


class CreditController(Controller):
    path = "/api/v1/orders/{order_id:str}"
    tags = ("tracking",)

    @post("/credits", operation_id="creditOrder", summary="Credit an order to an advocate by hand", guards=WRITE,
          opt=STEERS, responses=refusals(404, 409, 422))  # fmt: skip
    async def credit(
        self,
        order_id: FromPath[str],
        data: JSONBody[CreditBody],
        caller: NamedDependency[Caller],
        credit_order: NamedDependency[CreditOrder],
        tracking_reads: NamedDependency[Reads],
        steering: NamedDependency[SteeringReads],
    ) -> CreditedAnswer:
        """It stands above every chain until it is withdrawn. Whether it earns a reward is decided as for any order."""
        order = OrderId(from_wire("ord", order_id))
        programme = from_wire("prg", data.programme_id, pointer="/programme_id") if data.programme_id else None
        await credit_order(
            CreditTo(
                shop_id=caller.shop_id,
                order_id=order,
                advocate_id=AdvocateId(from_wire("adv", data.advocate_id, pointer="/advocate_id")),
                programme_id=ProgrammeId(programme) if programme else None,
                reason=data.reason,
                by=caller.key_id,
            )
        )
        return await _credited(caller, order, tracking_reads, steering)

    @post("/credits/withdraw", operation_id="withdrawCredit", summary="Take back what a person said about an order",
          status_code=200, guards=WRITE, opt=STEERS, responses=refusals(404, 409, 422))  # fmt: skip
    async def withdraw(
        self,
        order_id: FromPath[str],
        data: JSONBody[WithdrawBody],
        caller: NamedDependency[Caller],
        withdraw_credit: NamedDependency[WithdrawCredit],
        tracking_reads: NamedDependency[Reads],
        steering: NamedDependency[SteeringReads],
    ) -> CreditedAnswer:
        """The chains decide the order again."""
        order = OrderId(from_wire("ord", order_id))
        command = TakeBack(shop_id=caller.shop_id, order_id=order, reason=data.reason, by=caller.key_id)
        await withdraw_credit(command)
        return await _credited(caller, order, tracking_reads, steering)

    @get("/credits", operation_id="listCredits", summary="What people said about an order", guards=READ,
         responses=refusals(404))  # fmt: skip
    async def read(
        self,
        order_id: FromPath[str],
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        steering: NamedDependency[SteeringReads],
        locale: Locale = None,
        accepts: Language = "",
    ) -> CreditedAnswer:
        order = OrderId(from_wire("ord", order_id))
        return await _credited(caller, order, tracking_reads, steering, reader(locale, accepts))


class SteeringController(Controller):
    path = "/api/v1/attribution"
    tags = ("tracking",)

    @get("/reviews", operation_id="listReviews", summary="Orders of which a person has to say whose they are",
         guards=READ, responses=refusals(404, 422))  # fmt: skip
    async def reviews(
        self,
        caller: NamedDependency[Caller],
        steering: NamedDependency[SteeringReads],
        cursor: Cursor = None,
        limit: Limit = 50,
        locale: Locale = None,
        accepts: Language = "",
    ) -> ReviewList:
        """Credit one by hand, and it leaves the list."""
        rows = await steering.reviews(caller.shop_id, position(cursor, "ord"), limit)
        items = [
            ReviewAnswer(
                order_id=to_wire("ord", row.order_id),
                number=row.number,
                placed_at=row.placed_at,
                attribution=attribution_answer(_decided.decode(row.decided_text), reader(locale, accepts)),
            )
            for row in rows
        ]
        last = rows[-1].order_id if rows else None
        return ReviewList(items=items, next_cursor=next_cursor("ord", last, len(rows), limit))

    @get("/alerts", operation_id="listCouponAlerts", summary="Codes that coupon sites seem to show", guards=READ,
         responses=refusals(422))  # fmt: skip
    async def alerts(
        self,
        caller: NamedDependency[Caller],
        steering: NamedDependency[SteeringReads],
        in_state: AlertState = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> AlertList:
        after = decode_cursor(cursor, str)
        rows = await steering.alerts(caller.shop_id, in_state, str(after[0]) if after else None, limit)
        following = encode_cursor(rows[-1].code) if len(rows) == limit else None
        return AlertList(items=[_alert(row) for row in rows], next_cursor=following)

    @get("/alerts/{code:str}", operation_id="getCouponAlert", summary="An alert about a code", guards=READ,
         responses=refusals(404, 422))  # fmt: skip
    async def alert(
        self, code: FromPath[str], caller: NamedDependency[Caller], steering: NamedDependency[SteeringReads]
    ) -> AlertAnswer:
        return _alert(await steering.alert(caller.shop_id, normalise(code)))

    @post("/alerts/{code:str}/settle", operation_id="settleCouponAlert", summary="Block a code for good, or release it",
          status_code=200, guards=WRITE, opt=STEERS, responses=refusals(404, 409, 422))  # fmt: skip
    async def settle(
        self,
        code: FromPath[str],
        data: JSONBody[SettleBody],
        caller: NamedDependency[Caller],
        settle_alert: NamedDependency[SettleAlert],
        steering: NamedDependency[SteeringReads],
    ) -> AlertAnswer:
        """The orders with the code are decided again within moments."""
        verdict = Verdict(shop_id=caller.shop_id, code=code, state=data.state, reason=data.reason, by=caller.key_id)
        await settle_alert(verdict)
        return _alert(await steering.alert(caller.shop_id, normalise(code)))


async def _credited(
    caller: Caller, order: OrderId, reads: Reads, steering: SteeringReads, locale: LocaleName = SOURCE
) -> CreditedAnswer:
    row = await reads.order(caller.shop_id, order)
    said = await steering.credits(caller.shop_id, order)
    return CreditedAnswer(
        order_id=to_wire("ord", order),
        attribution=attribution_answer(_decided.decode(row.decided_text), locale),
        credits=[
            CreditAnswer(
                programme_id=to_wire("prg", each.programme_id),
                advocate_id=to_wire("adv", each.advocate_id),
                reason=each.reason,
                credited_by=each.credited_by,
                credited_at=each.credited_at,
                withdrawn_at=each.withdrawn_at,
                withdrawn_by=each.withdrawn_by,
                withdrawn_reason=each.withdrawn_reason,
            )
            for each in said
        ],
    )


def _alert(row: Any) -> AlertAnswer:
    return AlertAnswer(
        code=shown(row.code),
        programme_id=to_wire("prg", row.programme_id),
        advocate_id=to_wire("adv", row.advocate_id),
        state=row.state,
        tripped_at=row.tripped_at,
        raised_at=row.raised_at,
        orders=row.uses,
        orders_without_touch=row.untouched,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        reason=row.settled_reason,
    )
