"""Programmes and their offer versions."""

from typing import Final

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from adapters.referral.http.shapes import (
    ETAG,
    Cursor,
    IfMatch,
    Limit,
    OfferRequest,
    ProgrammeAnswer,
    ProgrammeList,
    ProgrammePatch,
    ProgrammeRequest,
    revision_of,
)
from adapters.referral.postgres.reads import Reads
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from kernel.ids import ProgrammeId
from referral.application.add_offer import AddOffer, AddOfferHandler
from referral.application.draft_programme import DraftProgramme, DraftProgrammeHandler
from referral.application.edit_programme import EditProgramme, EditProgrammeHandler
from referral.application.move_programme import Move, MoveProgramme, MoveProgrammeHandler
from referral.domain.programme import Programme

WRITE = [requires("referral:write")]
READ = [requires("referral:read")]


class ProgrammeController(Controller):
    path = "/api/v1/programmes"
    tags = ("referral",)

    @post(
        operation_id="createProgramme",
        summary="Draft a programme",
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(409, 422),
    )
    async def create(
        self,
        data: JSONBody[ProgrammeRequest],
        caller: NamedDependency[Caller],
        draft_programme: NamedDependency[DraftProgrammeHandler],
    ) -> Response[ProgrammeAnswer]:
        command = DraftProgramme(shop_id=caller.shop_id, title=data.title, terms=data.terms.terms())
        return _answer(await draft_programme(command))

    @get(operation_id="listProgrammes", summary="Programmes, newest first", guards=READ, responses=refusals(422))
    async def read_all(
        self, caller: NamedDependency[Caller], reads: NamedDependency[Reads], cursor: Cursor = None, limit: Limit = 50
    ) -> ProgrammeList:
        position = decode_cursor(cursor, str)
        after = from_wire("prg", str(position[0])) if position else None
        found = await reads.programmes(caller.shop_id, after=after, limit=limit)
        last = encode_cursor(to_wire("prg", found[-1].programme_id)) if len(found) == limit else None
        return ProgrammeList(items=[ProgrammeAnswer.of(programme) for programme in found], next_cursor=last)

    @get(
        "/{programme_id:str}",
        operation_id="getProgramme",
        summary="A programme with all its offer versions",
        guards=READ,
        response_headers=[ETAG],
        responses=refusals(404),
    )
    async def read(
        self, programme_id: FromPath[str], caller: NamedDependency[Caller], reads: NamedDependency[Reads]
    ) -> Response[ProgrammeAnswer]:
        return _answer(await reads.programme(caller.shop_id, _id(programme_id)))

    @patch(
        "/{programme_id:str}",
        operation_id="changeProgramme",
        summary="Change the title, or the terms of a draft",
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(404, 409, 412, 422),
    )
    async def change(
        self,
        programme_id: FromPath[str],
        data: JSONBody[ProgrammePatch],
        caller: NamedDependency[Caller],
        edit_programme: NamedDependency[EditProgrammeHandler],
        if_match: IfMatch = None,
    ) -> Response[ProgrammeAnswer]:
        command = EditProgramme(
            shop_id=caller.shop_id,
            programme_id=_id(programme_id),
            revision=revision_of(if_match),
            title=data.title,
            terms=None if data.terms is None else data.terms.terms(),
        )
        return _answer(await edit_programme(command))

    @post(
        "/{programme_id:str}/offers",
        operation_id="addOffer",
        summary="Put new terms in force; claimed deals keep theirs",
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(404, 409, 412, 422),
    )
    async def add_offer(
        self,
        programme_id: FromPath[str],
        data: JSONBody[OfferRequest],
        caller: NamedDependency[Caller],
        add_offer: NamedDependency[AddOfferHandler],
        if_match: IfMatch = None,
    ) -> Response[ProgrammeAnswer]:
        command = AddOffer(
            shop_id=caller.shop_id,
            programme_id=_id(programme_id),
            revision=revision_of(if_match),
            terms=data.terms.terms(),
        )
        return _answer(await add_offer(command))


def _move(move: Move, summary: str) -> HTTPRouteHandler:
    @post(
        f"{ProgrammeController.path}/{{programme_id:str}}/{move}",
        operation_id=f"{move}Programme",
        summary=summary,
        status_code=200,
        tags=["referral"],
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(404, 409, 412),
    )
    async def make(
        programme_id: FromPath[str],
        caller: NamedDependency[Caller],
        move_programme: NamedDependency[MoveProgrammeHandler],
        if_match: IfMatch = None,
    ) -> Response[ProgrammeAnswer]:
        revision, programme = revision_of(if_match), _id(programme_id)
        wanted = MoveProgramme(shop_id=caller.shop_id, programme_id=programme, revision=revision, move=move)
        return _answer(await move_programme(wanted))

    return make


PROGRAMME_MOVES: Final = (
    _move("launch", "Go live; the terms never change again"),
    _move("pause", "Orders placed from now on earn nothing"),
    _move("resume", "End a pause"),
    _move("end", "End a programme for good; what was earned stays earned"),
)


def _id(text: str) -> ProgrammeId:
    return ProgrammeId(from_wire("prg", text))


def _answer(programme: Programme) -> Response[ProgrammeAnswer]:
    return Response(ProgrammeAnswer.of(programme), headers={"ETag": f'"{programme.revision}"'})
