"""Links and their clicks over the API."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ, WRITE, Cursor, Limit, next_cursor, position
from adapters.tracking.postgres.reads import Reads
from adapters.tracking.remembered import destination_of
from tracking.application.create_link import CreateLink, CreateShortLink
from tracking.domain.click import UTM
from tracking.domain.link import Link

LinkIdText = Annotated[str, Meta(examples=["lnk_01k9z7d2m8f3rt5wq6x7y8z9ab"])]


@dataclass(frozen=True, slots=True)
class LinkAddresses:
    """Where links and landing pages live."""

    base_url: str


class LinkRequest(Body, frozen=True, kw_only=True):
    """`destination` is an address on the shop's storefront or on this installation."""

    destination: Annotated[
        str, Meta(min_length=1, max_length=2048, examples=["https://nordlicht.example/lamps?utm_source=x"])
    ]


class LinkAnswer(Answer, frozen=True, kw_only=True):
    id: LinkIdText
    code: Annotated[str, Meta(examples=["7K2M9QX0"])]
    url: Annotated[str, Meta(examples=["https://share.example/l/7K2M9QX0"])]
    destination: str
    advocate_id: str | None
    """Whose link it is, when it is an advocate's."""
    programme_id: str | None
    created_at: datetime


class LinkList(Answer, frozen=True, kw_only=True):
    items: list[LinkAnswer]
    next_cursor: str | None


class ClickAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["clk_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    clicked_at: datetime
    visitor: Annotated[str, Meta(examples=["person"])]
    """person, bot or preview; only a person's click can be credited."""
    query: str
    """The query string as it came, byte for byte (a byte that is no ASCII is shown as Latin-1)."""
    utm: dict[str, str]
    """Campaign values as they were written, still percent-encoded."""
    referrer_host: str
    language: str


class ClickList(Answer, frozen=True, kw_only=True):
    items: list[ClickAnswer]
    next_cursor: str | None


class LinkController(Controller):
    path = "/api/v1/links"
    tags = ("tracking",)

    @post(operation_id="createLink", summary="Make a short link", guards=WRITE, responses=refusals(409, 422))
    async def create(
        self,
        data: JSONBody[LinkRequest],
        caller: NamedDependency[Caller],
        create_link: NamedDependency[CreateLink],
        link_addresses: NamedDependency[LinkAddresses],
    ) -> LinkAnswer:
        link = await create_link(CreateShortLink(shop_id=caller.shop_id, destination=data.destination))
        return _answer(link, link_addresses.base_url, "")

    @get(operation_id="listLinks", summary="Links, newest first", guards=READ, responses=refusals(404, 422))
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        link_addresses: NamedDependency[LinkAddresses],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> LinkList:
        links, slug = await tracking_reads.links(caller.shop_id, position(cursor, "lnk"), limit)
        last = links[-1].link_id if links else None
        return LinkList(
            items=[_answer(link, link_addresses.base_url, slug) for link in links],
            next_cursor=next_cursor("lnk", last, len(links), limit),
        )

    @get("/{link_id:str}", operation_id="getLink", summary="A link", guards=READ, responses=refusals(404))
    async def read(
        self,
        link_id: FromPath[str],
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        link_addresses: NamedDependency[LinkAddresses],
    ) -> LinkAnswer:
        link, slug = await tracking_reads.link(caller.shop_id, from_wire("lnk", link_id))
        return _answer(link, link_addresses.base_url, slug)

    @get(
        "/{link_id:str}/clicks",
        operation_id="listClicks",
        summary="Clicks on a link, newest first",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def clicks(
        self,
        link_id: FromPath[str],
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ClickList:
        rows = await tracking_reads.clicks(caller.shop_id, from_wire("lnk", link_id), position(cursor, "clk"), limit)
        last = rows[-1].click_id if rows else None
        return ClickList(items=[_click(row) for row in rows], next_cursor=next_cursor("clk", last, len(rows), limit))


def _answer(link: Link, base_url: str, slug: str) -> LinkAnswer:
    return LinkAnswer(
        id=to_wire("lnk", link.link_id),
        code=link.code,
        url=f"{base_url}/l/{link.code}",
        destination=destination_of(link, base_url, slug),
        advocate_id=to_wire("adv", link.advocate_id) if link.advocate_id else None,
        programme_id=to_wire("prg", link.programme_id) if link.programme_id else None,
        created_at=link.created_at,
    )


def _click(row: Any) -> ClickAnswer:
    return ClickAnswer(
        id=to_wire("clk", row.click_id),
        clicked_at=row.clicked_at,
        visitor=row.visitor,
        query=bytes(row.query).decode("latin-1"),
        utm={name: getattr(row, name) for name in UTM if getattr(row, name) is not None},
        referrer_host=row.referrer_host,
        language=row.language,
    )
