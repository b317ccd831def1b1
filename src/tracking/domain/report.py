"""What a platform reported about one order, in our words, before the buyer is known by id."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import CurrencyMismatch, DomainError, InvalidAmount
from kernel.ids import ClaimId, ClickId, CustomerId, PersonId
from kernel.money import LIMIT
from tracking.domain.order import Dispute, Line, OrderFacts, OrderKey, Refund, Snapshot
from tracking.domain.signs import Signs
from tracking.domain.standing import Fulfilment, Payment

AHEAD = timedelta(days=1)
"""How far a platform's clock may run ahead of the shop's: far enough for a local time that was taken for UTC."""
MOST_LINES = 1000
MOST_CODES = 20
MOST_ATTRIBUTES = 30
FRIEND_OF = "grapevine_friend_of"
"""The order attribute in which a storefront writes the name that a buyer gave for whoever recommended the shop. It goes
to the vault and is not kept here."""


class DateInFuture(DomainError):
    code = "date_in_future"
    title = "A date is in the future"


class UnknownLine(DomainError):
    code = "unknown_line"
    title = "The order has no such line"


class RefundKnown(DomainError):
    code = "refund_known"
    kind = "conflict"
    title = "A refund of this id was reported before, and said something else"


class Buyer(Struct, frozen=True, kw_only=True):
    """Who bought, as the platform names them. Handed on to the vault and kept nowhere here."""

    reference: str | None
    email: str | None = None
    first_name: str = ""
    last_name: str = ""
    locale: str | None = None
    phone: str | None = None
    otherwise: str | None = None
    """Names the buyer of an order that says nothing usable of them, the same each time it is reported."""
    refers_to: str | None = None
    """Whom the buyer names as having recommended the shop."""


class Identity(Struct, frozen=True, kw_only=True):
    """`phone_id` and `refers_to` are keyed hashes: of the buyer's number, and of the name that the buyer gave."""

    customer_id: CustomerId
    person_id: PersonId
    phone_id: UUID | None = None
    refers_to: UUID | None = None

    @property
    def signs(self) -> Signs | None:
        if self.phone_id is None and self.refers_to is None:
            return None
        return Signs(phone_id=self.phone_id, name_key=self.refers_to)


class ReportedOrder(Struct, frozen=True, kw_only=True):
    """A snapshot as reported; the tokens are still signed texts."""

    updated_at: datetime
    number: str
    placed_at: datetime
    total_minor: int
    lines: tuple[Line, ...]
    payment: Payment
    refunded: bool = False
    test: bool = False
    codes: tuple[str, ...] = ()
    claim_token: str | None = None
    click_token: str | None = None
    buyer: Buyer
    tax_included: bool = False
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    discount_minor: int = 0
    fulfilment: Fulfilment = "unknown"
    fulfilled_at: datetime | None = None
    payment_at: datetime | None = None
    fulfilment_at: datetime | None = None
    asked_milli: int = 0
    refunds_shown: tuple[str, ...] | None = None
    told_at: datetime | None = None
    """When the shop told it, where it does not say since when it is so. See `Snapshot`."""
    cancelled_at: datetime | None = None
    """A cancellation that the platform can take back."""
    attributes: tuple[tuple[str, str], ...] = ()

    def introduced(self) -> Buyer:
        """The buyer, with the name that stands on the order for whoever recommended the shop."""
        named = next((value for name, value in self.attributes if name == FRIEND_OF), None)
        return self.buyer if named is None else replace(self.buyer, refers_to=named)


class OrderReport(Struct, frozen=True, kw_only=True):
    """Everything that one delivery or request says about one order."""

    key: OrderKey
    currency: str | None
    """None when the report names no currency, such as a cancellation."""
    order: ReportedOrder | None = None
    refunds: tuple[Refund, ...] = ()
    cancelled_at: datetime | None = None
    disputes: tuple[Dispute, ...] = ()
    gone_at: datetime | None = None
    """The platform deleted the order."""
    also: tuple[str, ...] = ()
    """Other names of the same order on its platform, by which other messages tell of it."""
    told_at: datetime | None = None
    """When the shop told it, where of two refunds of one id the one told later counts."""

    def check(self, currency: str) -> Self:
        """Refuse another currency than the shop's (CurrencyMismatch) and amounts that cannot be (InvalidAmount)."""
        if self.currency is not None and self.currency != currency:
            said = f"The order is in {self.currency[:8]}, the shop trades in {currency}."
            raise CurrencyMismatch(said, pointer="/amount/currency" if self.order is None else "/total/currency")
        if self.order is not None:
            _check_order(self.order)
        for refund in self.refunds:
            _check_refund(refund)
        if not _within_limit(*(abs(dispute.gross_minor) for dispute in self.disputes)):
            raise InvalidAmount("An amount of the dispute is too large.", pointer="/amount")
        return self

    def check_dates(self, now: datetime) -> None:
        """Refuse what has not happened yet (DateInFuture). It would be the newest word on the order for as long, and
        whatever counts from it would wait for it."""
        for name, moment in self._dates():
            if moment is not None and moment > now + AHEAD:
                said = f"{name} is {moment:%Y-%m-%d}, more than a day ahead of the shop's clock."
                raise DateInFuture(said, pointer=f"/{name}")

    def _dates(self) -> Iterator[tuple[str, datetime | None]]:
        if self.order is not None:
            for name in ("placed_at", "updated_at", "fulfilled_at", "cancelled_at"):
                yield name, getattr(self.order, name)
            yield "timestamp", self.order.told_at
        yield "cancelled_at", self.cancelled_at
        yield "timestamp", self.told_at
        for dispute in self.disputes:
            yield "at", dispute.at

    def check_refunds(self, known: OrderFacts) -> None:
        """Refuse a refund of lines that the known order does not show (UnknownLine), and another of a known refund's id
        (RefundKnown)."""
        before = {refund.refund_id: replace(refund, version=0) for refund in known.refunds}
        if any(before.get(refund.refund_id, refund) != refund for refund in self.refunds):
            raise RefundKnown(pointer="/refund_id")
        shown = {line.line_id for line in known.snapshot.lines} if known.snapshot else set()
        for refund in self.refunds:
            for place, line in enumerate(refund.lines):
                if line.line_id not in shown:
                    said = f"The order has no line {line.line_id[:64]!r}."
                    raise UnknownLine(said, pointer=f"/lines/{place}/line_id")

    @property
    def namesakes(self) -> dict[OrderKey, OrderFacts]:
        """What the report says of the order by its other names: that each is this order's, too."""
        return {OrderKey(self.key.platform, name): OrderFacts(also=(self.key.external_id,)) for name in self.also}

    def facts(self, currency: str, identity: Identity | None, tokens: "OpenedTokens") -> OrderFacts:
        """The report as mergeable facts, with the buyer as ids and the tokens opened."""
        snapshot = None
        if self.order is not None and identity is not None:
            snapshot = _snapshot(self.order, currency, identity, tokens)
        said = OrderFacts(snapshot=snapshot, cancelled_at=self.cancelled_at, gone_at=self.gone_at, also=self.also)
        if not self.refunds and not self.disputes:
            return said
        return said.merge(_once(self.refunds, self.disputes))


class OpenedTokens(Struct, frozen=True, kw_only=True):
    """What the signed texts on an order turned out to name."""

    claim_id: ClaimId | None = None
    click_id: ClickId | None = None
    bad_claim: bool = False
    bad_click: bool = False


def _snapshot(order: ReportedOrder, currency: str, identity: Identity, tokens: OpenedTokens) -> Snapshot:
    return Snapshot(
        updated_at=order.updated_at,
        number=order.number,
        placed_at=order.placed_at,
        currency=currency,
        total_minor=order.total_minor,
        lines=order.lines,
        payment=order.payment,
        refunded=order.refunded,
        test=order.test,
        codes=order.codes,
        claim_id=tokens.claim_id,
        click_id=tokens.click_id,
        bad_claim=tokens.bad_claim,
        bad_click=tokens.bad_click,
        customer_id=identity.customer_id,
        person_id=identity.person_id,
        tax_included=order.tax_included,
        shipping_minor=order.shipping_minor,
        shipping_tax_minor=order.shipping_tax_minor,
        discount_minor=order.discount_minor,
        fulfilment=order.fulfilment,
        fulfilled_at=order.fulfilled_at,
        payment_at=order.payment_at,
        fulfilment_at=order.fulfilment_at,
        asked_milli=order.asked_milli,
        refunds_shown=order.refunds_shown,
        told_at=order.told_at,
        cancelled_at=order.cancelled_at,
        attributes=tuple(each for each in order.attributes if each[0] != FRIEND_OF),
        signs=identity.signs,
    )


def _once(refunds: tuple[Refund, ...], disputes: tuple[Dispute, ...]) -> OrderFacts:
    """Sorted, and each id once."""
    facts = OrderFacts()
    for refund in refunds:
        facts = facts.merge(OrderFacts(refunds=(refund,)))
    for dispute in disputes:
        facts = facts.merge(OrderFacts(disputes=(dispute,)))
    return facts


def _check_order(order: ReportedOrder) -> None:
    if len(order.lines) > MOST_LINES:
        raise InvalidAmount(f"An order has at most {MOST_LINES} lines.", pointer="/lines")
    if len({line.line_id for line in order.lines}) != len(order.lines):
        raise InvalidAmount("Two lines of the order have the same id.", pointer="/lines")
    net = [line.net_minor for line in order.lines]
    tax = [line.tax_minor for line in order.lines]
    shipping = order.shipping_minor, order.shipping_tax_minor
    discounts = order.discount_minor, *(line.discount_minor for line in order.lines)
    totals = order.total_minor, order.asked_milli
    if not _within_limit(*totals, *net, *tax, sum(net) + sum(tax), *shipping, *map(abs, discounts)):
        raise InvalidAmount("An amount of the order is negative or too large.", pointer=_impossible(order))
    if any(not 0 <= line.quantity <= 1_000_000 for line in order.lines):
        raise InvalidAmount("A quantity of the order is negative or too large.", pointer="/lines")
    if len(order.attributes) > MOST_ATTRIBUTES:
        raise InvalidAmount(f"An order has at most {MOST_ATTRIBUTES} attributes.", pointer="/attributes")


def _impossible(order: ReportedOrder) -> str:
    """Where the first amount of the order stands that cannot be; all lines when it is only their sum."""
    amounts = [("/total", order.total_minor), ("/total", order.asked_milli)]
    for number, line in enumerate(order.lines):
        at = f"/lines/{number}"
        amounts += [(f"{at}/net", line.net_minor), (f"{at}/tax", line.tax_minor)]
        amounts.append((f"{at}/discount", abs(line.discount_minor)))
    amounts += [("/shipping", order.shipping_minor), ("/shipping_tax", order.shipping_tax_minor)]
    amounts.append(("/discount", abs(order.discount_minor)))
    return next((pointer for pointer, amount in amounts if not _within_limit(amount)), "/lines")


def _check_refund(refund: Refund) -> None:
    if len(refund.lines) > MOST_LINES:
        raise InvalidAmount(f"A refund has at most {MOST_LINES} lines.", pointer="/lines")
    if not _within_limit(abs(refund.gross_minor), abs(refund.net_minor), refund.asked_milli):
        raise InvalidAmount("The amount of the refund is too large.", pointer="/amount")
    for number, line in enumerate(refund.lines):
        if not _within_limit(line.net_minor):
            said = "An amount of the refund is negative or too large."
            raise InvalidAmount(said, pointer=f"/lines/{number}/net")
        if not 0 <= line.quantity <= 1_000_000:
            said = "A quantity of the refund is negative or too large."
            raise InvalidAmount(said, pointer=f"/lines/{number}/quantity")


def _within_limit(*amounts_minor: int) -> bool:
    """True when all amounts are zero or more and below the kernel's limit."""
    return all(0 <= amount <= LIMIT for amount in amounts_minor)
