"""API keys of the caller's shop."""

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from shops.application.create_key import CreateKey, NewKey
from shops.application.queries.list_keys import ListKeys
from shops.application.revoke_key import KeyRevocation, RevokeKey
from shops.domain.api_key import ApiKey, KeyId
from shops.domain.audit import Actor

Scope = Annotated[str, Meta(max_length=40, examples=["referral:read"])]
Cursor = Annotated[str | None, QueryParameter(required=False, max_length=500)]
Limit = Annotated[int, QueryParameter(required=False, ge=1, le=100)]


# An answer that is kept for an Idempotency-Key would hold the secret: no context, so no transaction to keep it in.
NOT_KEPT = {"idempotency": "none"}


class KeyRequest(Body, frozen=True, kw_only=True):
    """A secret key needs scopes that the caller holds; a publishable key has none."""

    label: Annotated[str, Meta(min_length=1, max_length=100, examples=["Order import"])]
    kind: Literal["secret", "publishable"] = "secret"
    scopes: Annotated[tuple[Scope, ...], Meta(max_length=50)] = ()


class KeyAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["key_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    kind: Literal["secret", "publishable"]
    label: str
    scopes: list[str]
    hint: Annotated[str, Meta(examples=["gv_live_…x7Qz"])]
    created_at: datetime
    revoked_at: datetime | None


class CreatedKeyAnswer(KeyAnswer, frozen=True, kw_only=True):
    secret: Annotated[str, Meta(examples=["gv_live_4nQ…"])]
    """Shown this once; only its hash is kept."""


class KeyList(Answer, frozen=True, kw_only=True):
    items: list[KeyAnswer]
    next_cursor: str | None


class KeyController(Controller):
    path = "/api/v1/keys"
    tags = ("shops",)

    @post(
        operation_id="createKey",
        summary="Create an API key",
        description="The secret is in this answer and nowhere else, so an Idempotency-Key is not honoured here.",
        guards=[requires("shops:write")],
        responses=refusals(404, 409, 422),
        opt=NOT_KEPT,
    )
    async def create(
        self, data: JSONBody[KeyRequest], caller: NamedDependency[Caller], create_key: NamedDependency[CreateKey]
    ) -> CreatedKeyAnswer:
        created = await create_key(
            NewKey(
                shop_id=caller.shop_id,
                label=data.label,
                kind=data.kind,
                scopes=frozenset(data.scopes),
                held=caller.scopes,
                actor=Actor("key", caller.key_id),
            )
        )
        return CreatedKeyAnswer(**_fields(created.key), secret=created.secret)

    @get(
        operation_id="listKeys",
        summary="The shop's API keys, without their secrets",
        guards=[requires("shops:read")],
        responses=refusals(422),
    )
    async def read(
        self,
        caller: NamedDependency[Caller],
        list_keys: NamedDependency[ListKeys],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> KeyList:
        position = decode_cursor(cursor, str)
        after = KeyId(from_wire("key", str(position[0]))) if position else None
        keys = await list_keys(caller.shop_id, after=after, limit=limit)
        last = encode_cursor(to_wire("key", keys[-1].key_id)) if len(keys) == limit else None
        return KeyList(items=[KeyAnswer(**_fields(key)) for key in keys], next_cursor=last)

    @delete(
        "/{key_id:str}",
        operation_id="revokeKey",
        summary="Take an API key out of force",
        guards=[requires("shops:write")],
        responses=refusals(404),
    )
    async def revoke(
        self, key_id: FromPath[str], caller: NamedDependency[Caller], revoke_key: NamedDependency[RevokeKey]
    ) -> None:
        revocation = KeyRevocation(
            shop_id=caller.shop_id, key_id=KeyId(from_wire("key", key_id)), actor=Actor("key", caller.key_id)
        )
        await revoke_key(revocation)


def _fields(key: ApiKey) -> dict[str, Any]:
    return {
        "id": to_wire("key", key.key_id),
        "kind": key.kind,
        "label": key.label,
        "scopes": sorted(key.scopes),
        "hint": key.hint,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
