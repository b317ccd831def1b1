"""The caller's own shop and its clock."""

from datetime import datetime, timedelta
from typing import Annotated

from litestar import Controller, Response, get, patch, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody
from msgspec import UNSET, Meta, UnsetType

from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, Line, Locale
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import refusals
from shops.application.change_shop import ChangeShop, ShopChange
from shops.application.move_clock import ClockMove, MoveClock
from shops.application.queries.find_shop import FindShop
from shops.domain.audit import Actor
from shops.domain.shop import Shop
from shops.events import Brand

Title = Annotated[str, Meta(min_length=1, max_length=100, examples=["Nordlicht"])]
Country = Annotated[str, Meta(pattern=r"^(AT|BE|CH|DE|DK|FI|FR|IT|NL|NO|SE)$(?!\n)", examples=["DE"])]
Locales = Annotated[tuple[Locale, ...], Meta(min_length=1, max_length=9, examples=[["de", "en"]])]
TimeZone = Annotated[str, Meta(min_length=1, max_length=64, examples=["Europe/Berlin"])]
Address = Annotated[str, Meta(min_length=1, max_length=500, examples=["https://nordlicht.example"])]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$(?!\n)", examples=["#1f6f54"])]
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", required=False, max_length=100, description="The ETag of the state that the change was made on"
    ),
]
ETAG = ResponseHeader(name="ETag", description="Stands for this state of the shop", documentation_only=True)


class BrandBody(Body, frozen=True, kw_only=True):
    """How the shop looks to its customers; what is left out takes its default."""

    logo_url: Annotated[str, Meta(max_length=500, examples=["https://nordlicht.example/logo.svg"])] = ""
    colour: Colour = "#1f6f54"
    colour_text: Colour = "#ffffff"


class ShopPatch(Body, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    title: Title | UnsetType = UNSET
    country: Country | UnsetType = UNSET
    locales: Locales | UnsetType = UNSET
    default_locale: Locale | UnsetType = UNSET
    time_zone: TimeZone | UnsetType = UNSET
    storefront_url: Address | UnsetType = UNSET
    brand: BrandBody | UnsetType = UNSET


class ClockAdvance(Body, frozen=True, kw_only=True):
    """How far to move the clock forward: days and seconds are added up."""

    days: Annotated[int, Meta(ge=0, le=3650, examples=[14])] = 0
    seconds: Annotated[int, Meta(ge=0, le=315_360_000, examples=[0])] = 0


class ShopAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["shp_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    revision: int
    slug: Line
    title: str
    country: str
    currency: str
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    storefront_url: str
    brand: BrandBody
    test_mode: bool
    clock_offset_seconds: int
    now: datetime
    """The shop's present moment in UTC, test clock included."""
    opened_at: datetime


class ShopController(Controller):
    path = "/api/v1/shop"
    tags = ("shops",)

    @get(
        operation_id="getShop",
        summary="The shop the key belongs to",
        guards=[requires("shops:read")],
        response_headers=[ETAG],
        responses=refusals(404),
    )
    async def read(self, caller: NamedDependency[Caller], find_shop: NamedDependency[FindShop]) -> Response[ShopAnswer]:
        found = await find_shop(caller.shop_id)
        return _answer(found.shop, found.now)

    @patch(
        operation_id="changeShop",
        summary="Change the shop's details",
        guards=[requires("shops:write")],
        response_headers=[ETAG],
        responses=refusals(404, 409, 412, 422),
    )
    async def change(
        self,
        data: JSONBody[ShopPatch],
        caller: NamedDependency[Caller],
        change_shop: NamedDependency[ChangeShop],
        if_match: IfMatch = None,
    ) -> Response[ShopAnswer]:
        changed = await change_shop(
            ShopChange(
                shop_id=caller.shop_id,
                actor=Actor("key", caller.key_id),
                expected=revision_of(if_match),
                title=data.title,
                country=data.country,
                locales=data.locales,
                default_locale=data.default_locale,
                time_zone=data.time_zone,
                storefront_url=data.storefront_url,
                brand=_brand(data.brand),
            )
        )
        return _answer(changed.shop, changed.now)

    @post(
        "/clock",
        operation_id="moveClock",
        summary="Move a test shop's clock forward",
        status_code=200,
        guards=[requires("shops:write")],
        response_headers=[ETAG],
        responses=refusals(404, 409, 412, 422),
    )
    async def move_clock(
        self, data: JSONBody[ClockAdvance], caller: NamedDependency[Caller], move_clock: NamedDependency[MoveClock]
    ) -> Response[ShopAnswer]:
        ahead = timedelta(days=data.days, seconds=data.seconds)
        moved = await move_clock(ClockMove(shop_id=caller.shop_id, actor=Actor("key", caller.key_id), ahead=ahead))
        return _answer(moved.shop, moved.now)


def revision_of(if_match: str | None) -> int | None:
    """The revision in an If-Match header: None for none or "*"; 0, which no shop has, for what we never gave out."""
    if if_match is None or if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0


def _brand(body: BrandBody | UnsetType) -> Brand | UnsetType:
    if body is UNSET:
        return UNSET
    return Brand(logo_url=body.logo_url, colour=body.colour, colour_text=body.colour_text)


def _answer(shop: Shop, now: datetime) -> Response[ShopAnswer]:
    details = shop.details
    brand = details.brand
    answer = ShopAnswer(
        id=to_wire("shp", shop.shop_id),
        revision=shop.revision,
        slug=shop.slug,
        title=details.title,
        country=details.country,
        currency=shop.currency,
        locales=details.locales,
        default_locale=details.default_locale,
        time_zone=details.time_zone,
        storefront_url=details.storefront_url,
        brand=BrandBody(logo_url=brand.logo_url, colour=brand.colour, colour_text=brand.colour_text),
        test_mode=shop.test_mode,
        clock_offset_seconds=shop.clock_offset_s,
        now=now,
        opened_at=shop.opened_at,
    )
    return Response(answer, headers={"ETag": f'"{shop.revision}"'})
