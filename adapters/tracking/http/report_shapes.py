"""Reports on the wire."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar.params import QueryParameter
from msgspec import Meta

from adapters.shared.http.bodies import Answer, MoneyBody
from adapters.shared.http.ids import from_wire, to_wire
from adapters.tracking.reports.reads import Place
from tracking.domain.figures import Buying, Counts, Virality, share
from tracking.domain.period import Period

Dimension = Literal["channel", "campaign", "source", "country", "device", "method", "credit"]
By = Literal["programme", "channel", "campaign", "source", "country", "device", "method", "credit"]
From = Annotated[date | None, QueryParameter(name="from", required=False)]
To = Annotated[date | None, QueryParameter(name="to", required=False)]
ProgrammeQuery = Annotated[str | None, QueryParameter(required=False, max_length=40)]
ValueQuery = Annotated[str | None, QueryParameter(required=False, max_length=100)]
_Rate = Annotated[float | None, Meta(examples=[0.1234])]


class AboutAnswer(Answer, frozen=True, kw_only=True, rename={"from_": "from"}):
    """What the figures are about. Everything committed before `as_of` is in them."""

    from_: Annotated[str, Meta(examples=["2026-11-01"])]
    to: Annotated[str, Meta(examples=["2026-11-30"])]
    """The last day, included."""
    time_zone: Annotated[str, Meta(examples=["Europe/Berlin"])]
    currency: Annotated[str, Meta(examples=["EUR"])]
    as_of: datetime
    rows_since: datetime | None
    """The figures are made of rows, of which those up to then are no longer kept. null: nothing is missing."""


class FiguresAnswer(Answer, frozen=True, kw_only=True):
    """Counts of one line; docs/guides/reports.md says what each is."""

    enrolled: int
    shares: int
    clicks: int
    """By people; bots and previews are counted apart."""
    visits: int
    bots: int
    previews: int
    claims: int
    orders: int
    cancelled: int
    new_orders: int
    base: MoneyBody
    final_base: MoneyBody
    refunded: MoneyBody
    approved: int
    rewards: MoneyBody
    clicks_per_share: _Rate
    claims_per_click: _Rate
    orders_per_claim: _Rate
    approved_per_order: _Rate


class FunnelLine(Answer, frozen=True, kw_only=True):
    value: Annotated[str | None, Meta(examples=["whatsapp"])]
    """null: not known, or everything together when nothing is broken down."""
    figures: FiguresAnswer


class FunnelAnswer(Answer, frozen=True, kw_only=True):
    about: AboutAnswer
    by: str | None
    lines: list[FunnelLine]
    """Of each value that there is something of; without `by` the one line is the total."""
    total: FiguresAnswer
    """With what is of no value at all, such as clicks in a report by method."""


class PointAnswer(Answer, frozen=True, kw_only=True):
    start: Annotated[str, Meta(examples=["2026-11-22T00:00:00+01:00"])]
    """By the shop's clock, with its offset."""
    figures: FiguresAnswer


class SeriesAnswer(Answer, frozen=True, kw_only=True):
    about: AboutAnswer
    grain: Literal["hour", "day", "week"]
    points: list[PointAnswer]


class CohortMonth(Answer, frozen=True, kw_only=True):
    month: Annotated[str, Meta(examples=["2026-11"])]
    figures: FiguresAnswer


class CohortAnswer(Answer, frozen=True, kw_only=True):
    """Advocates who enrolled in one month, and what came of them in each month since."""

    cohort: Annotated[str, Meta(examples=["2026-10"])]
    advocates: int
    months: list[CohortMonth]


class CohortsAnswer(Answer, frozen=True, kw_only=True):
    about: AboutAnswer
    cohorts: list[CohortAnswer]


class ViralityAnswer(Answer, frozen=True, kw_only=True):
    """coefficient = shares_per_advocate × new_per_share = new customers / advocates. Times are means in seconds."""

    about: AboutAnswer
    advocates: int
    shares: int
    new_customers: int
    shares_per_advocate: _Rate
    new_per_share: _Rate
    coefficient: _Rate
    click_to_order_s: int | None
    claim_to_order_s: int | None
    cycle_s: int | None
    """From becoming an advocate to bringing a new customer."""


class BuyingAnswer(Answer, frozen=True, kw_only=True):
    orders: int
    cancelled: int
    new_orders: int
    new_share: _Rate
    base: MoneyBody
    final_base: MoneyBody
    average_order: MoneyBody | None
    """As ordered."""
    average_kept: MoneyBody | None
    """After refunds and cancellations."""


class CustomersAnswer(Answer, frozen=True, kw_only=True):
    about: AboutAnswer
    referred: BuyingAnswer
    """Orders credited to an advocate."""
    campaigns: BuyingAnswer
    """Orders credited to a campaign, without an advocate."""
    others: BuyingAnswer


class AdvocateLine(Answer, frozen=True, kw_only=True):
    advocate_id: Annotated[str, Meta(examples=["adv_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    first_name: str | None
    """Only when asked for by a key that may read customers."""
    enrolled_at: datetime | None
    figures: FiguresAnswer


class AdvocatesAnswer(Answer, frozen=True, kw_only=True):
    about: AboutAnswer
    items: list[AdvocateLine]


class MinuteAnswer(Answer, frozen=True, kw_only=True):
    start: datetime
    clicks: int
    """By people, before it is settled whether they begin a visit."""
    bots: int
    """Bots and previews together."""
    claims: int
    orders: int
    """As they were reported, credited to an advocate or a campaign."""
    other_orders: int


class LiveAnswer(Answer, frozen=True, kw_only=True):
    """The last minutes in real time, the present one last."""

    as_of: datetime
    minutes: list[MinuteAnswer]


def about(asked: Period, place: Place, as_of: datetime, rows_since: datetime | None = None) -> AboutAnswer:
    return AboutAnswer(
        from_=asked.first.isoformat(),
        to=asked.last.isoformat(),
        time_zone=asked.zone,
        currency=place.currency,
        as_of=as_of,
        rows_since=rows_since,
    )


def figures(counts: Counts, currency: str) -> FiguresAnswer:
    def money(amount_minor: int) -> MoneyBody:
        return MoneyBody(amount_minor=amount_minor, currency=currency)

    return FiguresAnswer(
        enrolled=counts.enrolled,
        shares=counts.shares,
        clicks=counts.clicks,
        visits=counts.visits,
        bots=counts.bots,
        previews=counts.previews,
        claims=counts.claims,
        orders=counts.orders,
        cancelled=counts.cancelled,
        new_orders=counts.new_orders,
        base=money(counts.base_minor),
        final_base=money(counts.final_base_minor),
        refunded=money(counts.base_minor - counts.final_base_minor),
        approved=counts.approved,
        rewards=money(counts.reward_minor),
        clicks_per_share=share(counts.clicks, counts.shares),
        claims_per_click=share(counts.claims, counts.clicks),
        orders_per_claim=share(counts.orders, counts.claims),
        approved_per_order=share(counts.approved, counts.orders),
    )


def points(counted: Mapping[datetime, Counts], zone: str, currency: str) -> list[PointAnswer]:
    clock = ZoneInfo(zone)
    return [
        PointAnswer(start=start.astimezone(clock).isoformat(), figures=figures(counts, currency))
        for start, counts in counted.items()
    ]


def buying(group: Buying, currency: str) -> BuyingAnswer:
    def money(amount_minor: int) -> MoneyBody:
        return MoneyBody(amount_minor=amount_minor, currency=currency)

    average, kept = group.average_minor, group.average_kept_minor
    return BuyingAnswer(
        orders=group.orders,
        cancelled=group.cancelled,
        new_orders=group.new_orders,
        new_share=group.new_share,
        base=money(group.base_minor),
        final_base=money(group.final_base_minor),
        average_order=money(average) if average is not None else None,
        average_kept=money(kept) if kept is not None else None,
    )


def virality(said: AboutAnswer, found: Virality, counts: Counts) -> ViralityAnswer:
    return ViralityAnswer(
        about=said,
        advocates=found.advocates,
        shares=found.shares,
        new_customers=found.new_customers,
        shares_per_advocate=found.shares_per_advocate,
        new_per_share=found.new_per_share,
        coefficient=found.coefficient,
        click_to_order_s=_mean(counts.click_to_order_s, counts.clicked_orders),
        claim_to_order_s=_mean(counts.claim_to_order_s, counts.claimed_orders),
        cycle_s=_mean(counts.enrol_to_order_s, counts.enrolled_orders),
    )


def _mean(seconds: int, count: int) -> int | None:
    return seconds // count if count else None


def programme_of(text: str | None) -> UUID | None:
    return from_wire("prg", text) if text is not None else None


def shown_programme(value: str) -> str | None:
    programme = UUID(value)
    return to_wire("prg", programme) if programme.int else None
