"""Consent: what customers allowed, with its history; and the suppression list."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, Email, Line, PageSize, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from engagement.application.lift_suppression import LiftSuppression
from engagement.application.queries.consent_history import ReadConsents
from engagement.application.queries.list_suppressions import FindSuppression, ListSuppressions
from engagement.application.record_consent import RecordConsent, RecordConsentOf
from engagement.application.suppress_address import Suppress, SuppressAddress
from engagement.domain.consent import Consent, ConsentChannel, Decision, Purpose, Scope, Suppression, Why
from kernel.ids import CustomerId

CustomerWireId = Annotated[str, Meta(max_length=64, examples=["cus_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
Cursor = Annotated[str | None, QueryParameter(required=False, max_length=500)]
Limit = PageSize


class ConsentRequest(Body, frozen=True, kw_only=True):
    customer_id: CustomerWireId
    purpose: Purpose
    channel: ConsentChannel
    decision: Decision
    text_version: Annotated[Line, Meta(examples=["newsletter-2026-03"])]
    """Which text the customer saw."""
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", examples=["DE"])] | None = None
    """Whose law applies; else the shop's."""
    proof: Annotated[Line, Meta(examples=["checkout-form:8812"])]
    """How it can be shown: a reference into your own records, never personal data."""


class ConsentAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["con_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    customer_id: CustomerWireId
    purpose: Purpose
    channel: ConsentChannel
    decision: Decision
    text_version: str
    country: str
    proof: str
    decided_at: datetime


class ConsentsAnswer(Answer, frozen=True, kw_only=True):
    """`current` is the latest decision per purpose and channel; `history` holds every one, newest first."""

    current: list[ConsentAnswer]
    history: list[ConsentAnswer]


class SuppressionRequest(Body, frozen=True, kw_only=True):
    email: Email
    """Hashed with a secret key and forgotten."""
    scope: Scope = "all"
    why: Why = "requested"


class SuppressionAnswer(Answer, frozen=True, kw_only=True):
    address_hash: Annotated[str, Meta(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]
    scope: Scope
    why: Why
    since: datetime


class SuppressionList(Answer, frozen=True, kw_only=True):
    items: list[SuppressionAnswer]
    next_cursor: str | None


class ConsentController(Controller):
    path = "/api/v1/consents"
    tags = ("engagement",)

    @post(
        operation_id="recordConsent",
        summary="Record that a customer gave or withdrew consent",
        description="Adds to the history; nothing is overwritten.",
        guards=[requires("engagement:write")],
        responses=refusals(404, 409, 422),
    )
    async def record(
        self,
        data: JSONBody[ConsentRequest],
        caller: NamedDependency[Caller],
        record_consent: NamedDependency[RecordConsent],
    ) -> ConsentAnswer:
        consent = await record_consent(
            RecordConsentOf(
                shop_id=caller.shop_id,
                customer_id=CustomerId(from_wire("cus", data.customer_id, pointer="/customer_id")),
                purpose=data.purpose,
                channel=data.channel,
                decision=data.decision,
                text_version=data.text_version,
                country=data.country,
                proof=data.proof,
            )
        )
        return _consent(consent)

    @get(
        operation_id="getConsents",
        summary="What a customer allowed, now and before",
        guards=[requires("engagement:read")],
        responses=refusals(404),
    )
    async def read(
        self,
        customer_id: Annotated[str, QueryParameter(max_length=64)],
        caller: NamedDependency[Caller],
        read_consents: NamedDependency[ReadConsents],
    ) -> ConsentsAnswer:
        found = await read_consents(caller.shop_id, CustomerId(from_wire("cus", customer_id)))
        return ConsentsAnswer(
            current=[_consent(consent) for consent in found.current],
            history=[_consent(consent) for consent in found.history],
        )


class SuppressionController(Controller):
    path = "/api/v1/suppressions"
    tags = ("engagement",)

    @post(
        operation_id="suppressAddress",
        summary="Send an address nothing more",
        description="Only the address's keyed hash is stored. Repeating it changes nothing.",
        guards=[requires("engagement:write")],
        responses=refusals(409, 422),
    )
    async def suppress(
        self,
        data: JSONBody[SuppressionRequest],
        caller: NamedDependency[Caller],
        suppress_address: NamedDependency[SuppressAddress],
    ) -> SuppressionAnswer:
        command = Suppress(shop_id=caller.shop_id, email=data.email, scope=data.scope, why=data.why)
        return _suppression(await suppress_address(command))

    @get(
        operation_id="listSuppressions",
        summary="The suppression list",
        guards=[requires("engagement:read")],
        responses=refusals(422),
    )
    async def list_all(
        self,
        caller: NamedDependency[Caller],
        list_suppressions: NamedDependency[ListSuppressions],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> SuppressionList:
        position = decode_cursor(cursor, str, str)
        after = None if position is None else (str(position[0]), str(position[1]))
        found = await list_suppressions(caller.shop_id, limit, after)
        more = len(found) == limit
        return SuppressionList(
            items=[_suppression(entry) for entry in found],
            next_cursor=encode_cursor(found[-1].address_hash, found[-1].scope) if more else None,
        )

    @get(
        "/{address_hash:str}",
        operation_id="getSuppression",
        summary="What an address is suppressed for",
        guards=[requires("engagement:read")],
        responses=refusals(404),
    )
    async def read(
        self,
        address_hash: FromPath[str],
        caller: NamedDependency[Caller],
        find_suppression: NamedDependency[FindSuppression],
    ) -> SuppressionList:
        found = await find_suppression(caller.shop_id, address_hash)
        return SuppressionList(items=[_suppression(entry) for entry in found], next_cursor=None)

    @delete(
        "/{address_hash:str}",
        operation_id="liftSuppression",
        summary="Take an address off the list, because its owner asked for it",
        description="Of `scope`, else of all. A withdrawn consent stays withdrawn: record a new grant too.",
        guards=[requires("engagement:write")],
        responses=refusals(404),
    )
    async def lift(
        self,
        address_hash: FromPath[str],
        caller: NamedDependency[Caller],
        lift_suppression: NamedDependency[LiftSuppression],
        of_scope: Annotated[Scope | None, QueryParameter(name="scope", required=False)] = None,
    ) -> None:
        await lift_suppression(caller.shop_id, address_hash, of_scope)


def _consent(consent: Consent) -> ConsentAnswer:
    return ConsentAnswer(
        id=to_wire("con", consent.consent_id),
        customer_id=to_wire("cus", consent.customer_id),
        purpose=consent.purpose,
        channel=consent.channel,
        decision=consent.decision,
        text_version=consent.text_version,
        country=consent.country,
        proof=consent.proof,
        decided_at=consent.decided_at,
    )


def _suppression(entry: Suppression) -> SuppressionAnswer:
    return SuppressionAnswer(address_hash=entry.address_hash, scope=entry.scope, why=entry.why, since=entry.since)
