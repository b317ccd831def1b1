"""Links and their clicks over the API."""

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from adapters.shared.http.auth import Caller
from adapters.shared.http.ids import from_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.link_shapes import (
    ClickList,
    LinkAnswer,
    LinkList,
    LinkPatch,
    LinkRequest,
    click_answer,
    link_answer,
    programme_of,
)
from adapters.tracking.http.shapes import ETAG, READ, WRITE, Cursor, IfMatch, Limit, next_cursor, position, version_of
from adapters.tracking.link_places import LinkPlaces
from adapters.tracking.postgres.reads import Reads
from kernel.ids import LinkId
from tracking.application.create_link import CreateLink, CreateShortLink
from tracking.application.edit_link import ChangeLink, EditLink
from tracking.domain.link import Link


class LinkController(Controller):
    path = "/api/v1/links"
    tags = ("tracking",)

    @post(
        operation_id="createLink",
        summary="Make a short link",
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(404, 409, 422),
    )
    async def create(
        self,
        data: JSONBody[LinkRequest],
        caller: NamedDependency[Caller],
        create_link: NamedDependency[CreateLink],
        tracking_reads: NamedDependency[Reads],
    ) -> Response[LinkAnswer]:
        command = CreateShortLink(
            shop_id=caller.shop_id,
            destination=data.destination,
            title=data.title,
            vanity=data.vanity,
            programme_id=programme_of(data.programme_id),
            plan=data.plan(),
        )
        link = await create_link(command)
        return _tagged(link, await tracking_reads.places(caller.shop_id))

    @get(operation_id="listLinks", summary="Links, newest first", guards=READ, responses=refusals(404, 422))
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        tracking_reads: NamedDependency[Reads],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> LinkList:
        links, places = await tracking_reads.links(caller.shop_id, position(cursor, "lnk"), limit)
        last = links[-1].link_id if links else None
        return LinkList(
            items=[link_answer(link, places) for link in links],
            next_cursor=next_cursor("lnk", last, len(links), limit),
        )

    @get(
        "/{link_id:str}",
        operation_id="getLink",
        summary="A link",
        guards=READ,
        response_headers=[ETAG],
        responses=refusals(404),
    )
    async def read(
        self, link_id: FromPath[str], caller: NamedDependency[Caller], tracking_reads: NamedDependency[Reads]
    ) -> Response[LinkAnswer]:
        return _tagged(*await tracking_reads.link(caller.shop_id, from_wire("lnk", link_id)))

    @patch(
        "/{link_id:str}",
        operation_id="changeLink",
        summary="Change a link, or switch it off and on",
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(404, 409, 412, 422),
    )
    async def change(
        self,
        link_id: FromPath[str],
        data: JSONBody[LinkPatch],
        caller: NamedDependency[Caller],
        edit_link: NamedDependency[EditLink],
        tracking_reads: NamedDependency[Reads],
        if_match: IfMatch = None,
    ) -> Response[LinkAnswer]:
        command = ChangeLink(
            shop_id=caller.shop_id,
            link_id=LinkId(from_wire("lnk", link_id)),
            version=version_of(if_match),
            destination=data.destination,
            title=data.title,
            vanity=data.vanity,
            programme_id=programme_of(data.programme_id) if data.programme_id is not UNSET else UNSET,
            plan=data.plan(),
        )
        link = await edit_link(command)
        return _tagged(link, await tracking_reads.places(caller.shop_id))

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
        return ClickList(
            items=[click_answer(row) for row in rows], next_cursor=next_cursor("clk", last, len(rows), limit)
        )


def _tagged(link: Link, places: LinkPlaces) -> Response[LinkAnswer]:
    return Response(link_answer(link, places), headers={"ETag": f'"{link.version}"'})
