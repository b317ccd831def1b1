"""Connections to shop platforms over the API. A secret is shown once, when we made it, and never again."""

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from adapters.shared.http.auth import Caller
from adapters.shared.http.ids import from_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.connection_setup import KindList, kind_answer
from adapters.tracking.http.connection_shapes import (
    ConnectionAnswer,
    ConnectionDesk,
    ConnectionList,
    ConnectionPatch,
    ConnectionRequest,
    SecretAnswer,
    SecretRequest,
    connection_answer,
    secret_answer,
)
from adapters.tracking.http.shapes import ETAG, READ, WRITE, Cursor, IfMatch, Limit, next_cursor, position, version_of
from adapters.tracking.platforms import PLATFORMS
from adapters.tracking.postgres.health import ConnectionReads
from tracking.application.change_connection import ChangeConnection, ChangedConnection
from tracking.application.connect_platform import Connect, ConnectPlatform
from tracking.application.drop_old_secret import DropOldSecret
from tracking.application.remove_connection import RemoveConnection
from tracking.application.rotate_secret import Rotate, RotateSecret
from tracking.application.withdraw_secret import WithdrawSecret
from tracking.domain.connection import ConnectionId

NOT_KEPT = {"idempotency": "none"}
"""An answer that holds a secret is never stored. A repeated rotation is refused, and ends no secret."""


class ConnectionController(Controller):
    path = "/api/v1/connections"
    tags = ("tracking",)

    @post(
        operation_id="createConnection",
        summary="Connect a platform; the answer says what to paste where",
        guards=WRITE,
        opt=NOT_KEPT,
        responses=refusals(422),
    )
    async def create(
        self,
        data: JSONBody[ConnectionRequest],
        caller: NamedDependency[Caller],
        connect_platform: NamedDependency[ConnectPlatform],
        connection_reads: NamedDependency[ConnectionReads],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> SecretAnswer:
        connection = await connect_platform(
            Connect(
                shop_id=caller.shop_id,
                kind=data.kind,
                title=data.title,
                secret=data.secret,
                account=data.account,
                api_token=data.api_token,
            )
        )
        _, health = await connection_reads.one(caller.shop_id, connection.connection_id)
        return secret_answer(connection, health, connection_desk, made=data.secret is None)

    @get(
        operation_id="listConnections",
        summary="Connections and their health",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def read_all(
        self,
        caller: NamedDependency[Caller],
        connection_reads: NamedDependency[ConnectionReads],
        connection_desk: NamedDependency[ConnectionDesk],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ConnectionList:
        found = await connection_reads.page(caller.shop_id, position(cursor, "con"), limit)
        last = found[-1][0].connection_id if found else None
        return ConnectionList(
            items=[connection_answer(connection, health, connection_desk) for connection, health in found],
            next_cursor=next_cursor("con", last, len(found), limit),
        )

    @get(
        "/kinds",
        operation_id="listConnectionKinds",
        summary="Kinds of platforms, and what connecting each of them takes",
        guards=READ,
        responses=refusals(),
    )
    async def kinds(self) -> KindList:
        return KindList(items=[kind_answer(platform) for platform in PLATFORMS.values()])

    @get(
        "/{connection_id:str}",
        operation_id="getConnection",
        summary="A connection, its health and its set-up",
        guards=READ,
        response_headers=[ETAG],
        responses=refusals(404),
    )
    async def read(
        self,
        connection_id: FromPath[str],
        caller: NamedDependency[Caller],
        connection_reads: NamedDependency[ConnectionReads],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> Response[ConnectionAnswer]:
        connection, health = await connection_reads.one(caller.shop_id, _id(connection_id))
        return _tagged(connection_answer(connection, health, connection_desk))

    @patch(
        "/{connection_id:str}",
        operation_id="changeConnection",
        summary="Rename a connection, switch it off and on, or say that it is the same store",
        guards=WRITE,
        response_headers=[ETAG],
        responses=refusals(404, 412, 422),
    )
    async def change(
        self,
        connection_id: FromPath[str],
        data: JSONBody[ConnectionPatch],
        caller: NamedDependency[Caller],
        change_connection: NamedDependency[ChangeConnection],
        connection_reads: NamedDependency[ConnectionReads],
        connection_desk: NamedDependency[ConnectionDesk],
        if_match: IfMatch = None,
    ) -> Response[ConnectionAnswer]:
        command = ChangedConnection(
            shop_id=caller.shop_id,
            connection_id=_id(connection_id),
            version=version_of(if_match),
            title=data.title,
            enabled=data.enabled,
            account=data.account,
            api_token=data.api_token,
            same_store=data.same_store is True,
        )
        await change_connection(command)
        connection_desk.forget()
        connection, health = await connection_reads.one(caller.shop_id, command.connection_id)
        return _tagged(connection_answer(connection, health, connection_desk))

    @delete(
        "/{connection_id:str}",
        operation_id="removeConnection",
        summary="Remove a connection; its orders stay",
        guards=WRITE,
        responses=refusals(404),
    )
    async def remove(
        self,
        connection_id: FromPath[str],
        caller: NamedDependency[Caller],
        remove_connection: NamedDependency[RemoveConnection],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> None:
        await remove_connection(caller.shop_id, _id(connection_id))
        connection_desk.forget()

    @post(
        "/{connection_id:str}/secrets",
        operation_id="rotateConnectionSecret",
        summary="Take a new secret in use; the present one stays valid until it is dropped",
        description="Also gives the first secret of a platform that tells its own. Refused while two are valid: was "
        "the answer lost, withdraw the new secret and ask again; no secret in use ever ends here.",
        guards=WRITE,
        opt=NOT_KEPT,
        responses=refusals(404, 409, 422),
    )
    async def rotate(
        self,
        connection_id: FromPath[str],
        data: JSONBody[SecretRequest],
        caller: NamedDependency[Caller],
        rotate_secret: NamedDependency[RotateSecret],
        connection_reads: NamedDependency[ConnectionReads],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> SecretAnswer:
        command = Rotate(shop_id=caller.shop_id, connection_id=_id(connection_id), secret=data.secret)
        connection = await rotate_secret(command)
        connection_desk.forget()
        _, health = await connection_reads.one(caller.shop_id, connection.connection_id)
        return secret_answer(connection, health, connection_desk, made=data.secret is None)

    @delete(
        "/{connection_id:str}/secrets/old",
        operation_id="dropOldConnectionSecret",
        summary="End the exchange: only the new secret is valid",
        guards=WRITE,
        responses=refusals(404, 409),
    )
    async def drop(
        self,
        connection_id: FromPath[str],
        caller: NamedDependency[Caller],
        drop_old_secret: NamedDependency[DropOldSecret],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> None:
        await drop_old_secret(caller.shop_id, _id(connection_id))
        connection_desk.forget()

    @delete(
        "/{connection_id:str}/secrets/new",
        operation_id="withdrawNewConnectionSecret",
        summary="End the exchange: only the secret from before is valid",
        guards=WRITE,
        responses=refusals(404, 409),
    )
    async def withdraw(
        self,
        connection_id: FromPath[str],
        caller: NamedDependency[Caller],
        withdraw_secret: NamedDependency[WithdrawSecret],
        connection_desk: NamedDependency[ConnectionDesk],
    ) -> None:
        await withdraw_secret(caller.shop_id, _id(connection_id))
        connection_desk.forget()


def _id(text: str) -> ConnectionId:
    return ConnectionId(from_wire("con", text))


def _tagged(answer: ConnectionAnswer) -> Response[ConnectionAnswer]:
    return Response(answer, headers={"ETag": f'"{answer.version}"'})
