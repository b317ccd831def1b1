"""The shop's tag over the API: its switch and settings, identify secrets, and whether it works."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body, decode_cursor, encode_cursor
from adapters.shared.http.ids import to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import ETAG, READ, WRITE, Cursor, IfMatch, Limit, version_of
from adapters.tracking.postgres.tag_reads import TagReads
from tracking.application.change_tag import ChangeTag, TagChange
from tracking.application.drop_old_identify_secret import DropOldIdentifySecret
from tracking.application.rotate_identify_secret import RotateIdentifySecret
from tracking.domain.tag_event import Consent, Name
from tracking.domain.tag_settings import MOST_HOSTS, TagSettings

NOT_KEPT = {"idempotency": "none"}
"""An answer that holds a secret is never stored."""
_LATEST = UUID(int=2**128 - 1)
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
Decision = Literal["granted", "denied"]
HostName = Annotated[str, Meta(min_length=1, max_length=253, examples=["checkout.nordlicht.example"])]
EventName = Annotated[Name | None, QueryParameter(required=False)]
CookieDays = Annotated[int, Meta(ge=1, le=400, examples=[30])]


@dataclass(frozen=True, slots=True)
class TagDesk:
    """What the routes need besides use cases: how to make every process forget a tag's settings."""

    forget: Callable[[], None]


class ConsentBody(Body, frozen=True, kw_only=True):
    """What counts until the visitor was asked, by Google's Consent Mode version 2."""

    ad_storage: Decision = "denied"
    analytics_storage: Decision = "denied"
    ad_user_data: Decision | None = None
    ad_personalization: Decision | None = None


class TagRequest(Body, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    on: bool | None = None
    """false turns the tag off everywhere within a minute."""
    cookie_days: CookieDays | None = None
    hosts: Annotated[tuple[HostName, ...], Meta(max_length=MOST_HOSTS)] | None = None
    consent: ConsentBody | None = None


class TagAnswer(Answer, frozen=True, kw_only=True):
    on: bool
    cookie_days: CookieDays
    hosts: list[HostName]
    """Hosts of the shop's pages, besides the storefront's and those below it."""
    consent: dict[str, str]
    identify_secrets: Annotated[int, Meta(examples=[1])]
    """How many are valid: two while they are being exchanged."""
    changed_at: datetime | None
    changed_by: Annotated[str, Meta(examples=["key_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    version: int
    """Also the ETag; send it as If-Match to change only what you have read."""


class IdentifySecrets(Answer, frozen=True, kw_only=True):
    secrets: Annotated[list[str], Meta(examples=[["gvid_1mXr8…"]])]
    """Newest first. Your server signs with the first; both are believed."""


class SeenAnswer(Answer, frozen=True, kw_only=True):
    count: int
    by_machines: int
    """How many of them came from bots and previews."""
    last_at: datetime


class RefusalAnswer(Answer, frozen=True, kw_only=True):
    code: Annotated[str, Meta(examples=["foreign_page"])]
    count: int
    last_at: datetime
    pointer: Annotated[str, Meta(examples=["/events/0/page"])]
    """Where in its batch the last one was wrong."""
    host: Annotated[str, Meta(examples=["staging.nordlicht.example"])]
    """Of the page that sent the last one."""


class TagHealthAnswer(Answer, frozen=True, kw_only=True):
    """Of the last 24 hours, the latest 10,000 events at most; refusals since the beginning."""

    on: bool
    last_event_at: datetime | None
    events: dict[str, SeenAnswer]
    """By name."""
    hosts: dict[str, SeenAnswer]
    """By the host of the page."""
    outcomes: dict[str, int]
    """What became of purchases, identifications and withdrawn consents."""
    refused: list[RefusalAnswer]


class TagEventAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["019aa5f2-1c2d-7e3f-8a4b-5c6d7e8f9012"])]
    name: Name
    happened_at: datetime
    received_at: datetime
    by: Annotated[str, Meta(examples=["person"])]
    """person, bot or preview."""
    device: Annotated[str, Meta(examples=["phone"])]
    visitor: str | None
    click_id: str | None
    claim_id: str | None
    page: str | None
    referrer: str | None
    title: str | None
    consent: dict[str, str] | None
    data: dict[str, Any] | None
    """As the page sent it; an identify token is never shown."""
    outcome: str | None


class TagEventList(Answer, frozen=True, kw_only=True):
    items: list[TagEventAnswer]
    next_cursor: str | None


class TagController(Controller):
    path = "/api/v1/tag"
    tags = ("tracking",)

    @get(operation_id="getTag", summary="The tag's settings", guards=READ, response_headers=[ETAG],
         responses=refusals())  # fmt: skip
    async def read(self, caller: NamedDependency[Caller], tag_reads: NamedDependency[TagReads]) -> Response[TagAnswer]:
        return _settings(await tag_reads.settings(caller.shop_id))

    @patch(operation_id="changeTag", summary="Switch the tag on or off, and set it up", guards=WRITE,
           response_headers=[ETAG], responses=refusals(412, 422))  # fmt: skip
    async def change(
        self,
        data: JSONBody[TagRequest],
        caller: NamedDependency[Caller],
        change_tag: NamedDependency[ChangeTag],
        tag_desk: NamedDependency[TagDesk],
        if_match: IfMatch = None,
    ) -> Response[TagAnswer]:
        consent = Consent(**msgspec.to_builtins(data.consent)) if data.consent else None
        change = TagChange(
            shop_id=caller.shop_id,
            by=caller.key_id,
            version=version_of(if_match),
            turned_on=data.on,
            cookie_days=data.cookie_days,
            hosts=data.hosts,
            consent=consent,
        )
        changed = await change_tag(change)
        tag_desk.forget()
        return _settings(changed)

    @get("/health", operation_id="getTagHealth", summary="Is my tag working?", guards=READ, responses=refusals())
    async def health(self, caller: NamedDependency[Caller], tag_reads: NamedDependency[TagReads]) -> TagHealthAnswer:
        settings, seen, refused = await tag_reads.health(caller.shop_id)
        return TagHealthAnswer(
            on=settings.turned_on,
            last_event_at=max((row.last_at for row in seen), default=None),
            events=_seen("name", seen),
            hosts=_seen("host", seen),
            outcomes={row.value: row.number for row in seen if row.kind == "outcome"},
            refused=[RefusalAnswer(**row._mapping) for row in refused],
        )

    @get("/events", operation_id="listTagEvents", summary="Events of the tag, last received first", guards=READ,
         responses=refusals(422))  # fmt: skip
    async def events(
        self,
        caller: NamedDependency[Caller],
        tag_reads: NamedDependency[TagReads],
        name: EventName = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> TagEventList:
        until, before = decode_cursor(cursor, datetime, UUID) or (_NEVER, _LATEST)
        rows = await tag_reads.latest(caller.shop_id, until=until, before=before, name=name, most=limit)
        last = rows[-1] if rows and len(rows) == limit else None
        return TagEventList(
            items=[_event(row) for row in rows],
            next_cursor=encode_cursor(last.received_at, last.event_id) if last else None,
        )

    @get("/identify-secrets", operation_id="getIdentifySecrets", summary="Secrets to sign identify tokens with",
         guards=WRITE, responses=refusals())  # fmt: skip
    async def secrets(self, caller: NamedDependency[Caller], tag_reads: NamedDependency[TagReads]) -> IdentifySecrets:
        return IdentifySecrets(secrets=list((await tag_reads.settings(caller.shop_id)).identify_secrets))

    @post("/identify-secrets", operation_id="rotateIdentifySecret", guards=WRITE, opt=NOT_KEPT,
          summary="Make an identify secret; the present one stays valid until it is dropped",
          responses=refusals())  # fmt: skip
    async def rotate(
        self, caller: NamedDependency[Caller], rotate_identify_secret: NamedDependency[RotateIdentifySecret]
    ) -> IdentifySecrets:
        settings = await rotate_identify_secret(caller.shop_id, by=caller.key_id)
        return IdentifySecrets(secrets=list(settings.identify_secrets))

    @delete("/identify-secrets/old", operation_id="dropOldIdentifySecret", guards=WRITE,
            summary="End the exchange: only the newest identify secret is valid", responses=refusals(409))  # fmt: skip
    async def drop(
        self, caller: NamedDependency[Caller], drop_old_identify_secret: NamedDependency[DropOldIdentifySecret]
    ) -> None:
        await drop_old_identify_secret(caller.shop_id, by=caller.key_id)


def _settings(settings: TagSettings) -> Response[TagAnswer]:
    answer = TagAnswer(
        on=settings.turned_on,
        cookie_days=settings.cookie_days,
        hosts=list(settings.hosts),
        consent=msgspec.to_builtins(settings.consent),
        identify_secrets=len(settings.identify_secrets),
        changed_at=settings.changed_at,
        changed_by=settings.changed_by,
        version=settings.version,
    )
    return Response(answer, headers={"ETag": f'"{answer.version}"'})


def _seen(kind: str, rows: Any) -> dict[str, SeenAnswer]:
    return {
        row.value: SeenAnswer(count=row.number, by_machines=row.others, last_at=row.last_at)
        for row in rows
        if row.kind == kind
    }


def _event(row: Any) -> TagEventAnswer:
    return TagEventAnswer(
        id=str(row.event_id),
        name=row.name,
        happened_at=row.happened_at,
        received_at=row.received_at,
        by=row.by,
        device=row.device,
        visitor=row.visitor,
        click_id=to_wire("clk", row.click_id) if row.click_id else None,
        claim_id=to_wire("clm", row.claim_id) if row.claim_id else None,
        page=row.page,
        referrer=row.referrer,
        title=row.title,
        consent=msgspec.json.decode(row.consent) if row.consent else None,
        data=_as_it_came(row.data) if row.data else None,
        outcome=row.outcome,
    )


def _as_it_came(text: str) -> Any:
    """A page may send numbers that none of our types holds: passed on, not read."""
    return msgspec.Raw(text.encode())
