"""Share kits: everything an advocate needs to pass the deal on; and the shares themselves."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, Locale, MoneyBody
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from engagement.application.queries.share_kit import AskForShareKit, GetShareKit, ShareKit
from engagement.application.record_share import RecordShare, RecordShareOf
from engagement.domain.deal import Deal
from engagement.domain.sharing import LONGEST_TEXT
from engagement.events import Channel
from kernel.codes import shown
from kernel.ids import AdvocateId
from kernel.money import Money

AdvocateWireId = Annotated[str, Meta(max_length=64, examples=["adv_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
OptionalLocale = Annotated[str | None, QueryParameter(required=False, max_length=35, description="Else the shop's.")]
OwnText = Annotated[
    str | None,
    QueryParameter(
        required=False, max_length=LONGEST_TEXT, description="The advocate's own wording, without the link."
    ),
]


class DealAnswer(Answer, frozen=True, kw_only=True):
    headline: Annotated[str, Meta(examples=["10 € Rabatt"])]
    conditions: Annotated[str, Meta(examples=["Für deine erste Bestellung ab 40 €."])]
    """A sentence; empty when there are none."""
    amount: MoneyBody | None
    """Of a deal with a fixed amount."""
    basis_points: int | None
    """Of a deal that is a share of the order: 1250 is 12.5 %."""
    cap: MoneyBody | None
    minimum_order: MoneyBody
    first_order_only: bool


class ShareAnswer(Answer, frozen=True, kw_only=True):
    """One channel. A share button is a link to `address`; where that is null, hand `payload` to the browser's share
    sheet (native) or put `payload.text` and the link on the clipboard (copy)."""

    channel: Channel
    label: Annotated[str, Meta(examples=["WhatsApp"])]
    text: str
    """With the disclosure sentence where the country asks for one; without the link."""
    subject: str
    link: Annotated[str, Meta(examples=["https://gv.example/l/7K2M9QX0?utm_source=whatsapp&utm_medium=referral"])]
    address: str | None
    payload: "PayloadAnswer"


class PayloadAnswer(Answer, frozen=True, kw_only=True):
    """What `navigator.share` takes."""

    title: str
    text: str
    url: str


class ShareKitAnswer(Answer, frozen=True, kw_only=True):
    advocate_id: AdvocateWireId
    locale: Annotated[str, Meta(examples=["de"])]
    code: Annotated[str, Meta(examples=["7K2M-9QX0"])]
    link: Annotated[str, Meta(examples=["https://gv.example/l/7K2M9QX0"])]
    qr_url: Annotated[str, Meta(examples=["https://gv.example/qr/7K2M9QX0.svg"])]
    deal: DealAnswer
    shares: list[ShareAnswer]


class ShareRequest(Body, frozen=True, kw_only=True):
    advocate_id: AdvocateWireId
    channel: Channel
    locale: Locale | None = None


class ShareRecordedAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["shr_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    advocate_id: AdvocateWireId
    channel: Channel
    locale: str
    shared_at: datetime


class ShareKitController(Controller):
    path = "/api/v1/share-kits"
    tags = ("engagement",)

    @get(
        "/{advocate_id:str}",
        operation_id="getShareKit",
        summary="Texts and addresses to pass the deal on, per channel",
        guards=[requires("engagement:read")],
        responses=refusals(404, 409, 422),
    )
    async def read(
        self,
        advocate_id: FromPath[str],
        caller: NamedDependency[Caller],
        get_share_kit: NamedDependency[GetShareKit],
        locale: OptionalLocale = None,
        text: OwnText = None,
    ) -> ShareKitAnswer:
        wanted = AdvocateId(from_wire("adv", advocate_id))
        query = AskForShareKit(shop_id=caller.shop_id, advocate_id=wanted, locale=locale, text=text)
        return _kit(await get_share_kit(query))


class ShareController(Controller):
    path = "/api/v1/shares"
    tags = ("engagement",)

    @post(
        operation_id="recordShare",
        summary="Record that an advocate passed the deal on",
        description="The shop's server reports it: figures that anybody could raise from a page would be worth little.",
        guards=[requires("engagement:write")],
        responses=refusals(404, 409, 422),
    )
    async def record(
        self, data: JSONBody[ShareRequest], caller: NamedDependency[Caller], record_share: NamedDependency[RecordShare]
    ) -> ShareRecordedAnswer:
        advocate_id = AdvocateId(from_wire("adv", data.advocate_id, pointer="/advocate_id"))
        share = await record_share(
            RecordShareOf(shop_id=caller.shop_id, advocate_id=advocate_id, channel=data.channel, locale=data.locale)
        )
        return ShareRecordedAnswer(
            id=to_wire("shr", share.share_id),
            advocate_id=data.advocate_id,
            channel=share.channel,
            locale=share.locale,
            shared_at=share.shared_at,
        )


def _kit(kit: ShareKit) -> ShareKitAnswer:
    return ShareKitAnswer(
        advocate_id=to_wire("adv", kit.advocate_id),
        locale=kit.locale,
        code=shown(kit.code),
        link=kit.link,
        qr_url=kit.qr_url,
        deal=_deal(kit.deal, kit.headline, kit.conditions),
        shares=[
            ShareAnswer(
                channel=share.channel,
                label=share.label,
                text=share.text,
                subject=share.subject,
                link=share.link,
                address=share.address or None,
                payload=PayloadAnswer(title=share.subject, text=share.text, url=share.link),
            )
            for share in kit.shares
        ],
    )


def _deal(deal: Deal, headline: str, conditions: str) -> DealAnswer:
    fixed = deal.kind == "fixed"
    return DealAnswer(
        headline=headline,
        conditions=conditions,
        amount=MoneyBody.of(Money(deal.amount_minor, deal.currency)) if fixed else None,
        basis_points=None if fixed else deal.basis_points,
        cap=None if deal.cap_minor is None else MoneyBody.of(Money(deal.cap_minor, deal.currency)),
        minimum_order=MoneyBody.of(Money(deal.minimum_order_minor, deal.currency)),
        first_order_only=deal.first_order_only,
    )
