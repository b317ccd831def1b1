"""POST /tag/v1/events: what the tag reports is checked, committed, then answered. Hot: plain ASGI, keys from memory."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec
import structlog
from litestar.handlers import asgi
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from adapters.shared.http.client_address import AddressOf, sender_of
from adapters.shared.http.hot import BodyTooLarge, Headers, answer, not_allowed, read_body
from adapters.shared.http.problems import encode, problem_of
from adapters.shared.postgres.bell import Bell
from adapters.shared.postgres.errors import Unavailable
from adapters.shared.postgres.group_commit import Unstorable
from adapters.shared.postgres.unit import utc_now
from adapters.tracking.channels import TAG
from adapters.tracking.crawlers import is_crawler
from adapters.tracking.http.redirect import DailyHash
from adapters.tracking.http.tag_batch import Batch, Circumstances, Refused, checked, read_batch
from adapters.tracking.postgres.tag_events import Arrival, TagEventWriter
from adapters.tracking.rate import SharedLimit
from adapters.tracking.tag_keys import KnownTag, TagKeys
from adapters.tracking.tag_refusals import Refusals
from adapters.tracking.tag_tokens import TagTokens
from kernel.errors import DomainError
from tracking.domain.click import Visitor, visitor_of
from tracking.domain.device import Device, device_of
from tracking.domain.tag_event import LARGEST_BATCH, OF_CONSEQUENCE, TagEvent, clock_error

LONGEST_AGENT: Final = 512
MOST_BYTES_WAITING: Final = 64 * 1_048_576
CORS: Final[Headers] = [(b"access-control-allow-origin", b"*")]
PREFLIGHT: Final[Headers] = [
    *CORS,
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
]
_ANSWERED: Final[Headers] = [*CORS, (b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_OFF: Final = b'{"off":true}'
_ONE_STORED: Final = b'{"accepted":1,"duplicates":0,"refused":[]}'
_log = structlog.get_logger()


class UnknownKey(DomainError):
    code = "unknown_key"
    kind = "unauthenticated"
    title = "No tag has this publishable key"


class BatchTooLarge(DomainError):
    code = "batch_too_large"
    kind = "too_large"
    title = "A batch is at most 64 kB"


class TooManyRequests(DomainError):
    code = "too_many_events_per_second"
    kind = "too_many"
    title = "This key sends more than it may; try again shortly"


class Receipt(Struct, frozen=True):
    accepted: int
    duplicates: int
    refused: list[Refused]


@lru_cache(maxsize=8192)
def _sender(agent: str) -> tuple[Visitor, Device]:
    return visitor_of(agent=agent, method="POST", purpose="", is_crawler=is_crawler), device_of(agent)


class TagEventDoor:
    """Takes batches in. Whatever a browser sends, the answer is a clear one; 200 only after the commit."""

    def __init__(
        self,
        keys: TagKeys,
        writer: TagEventWriter,
        tokens: TagTokens,
        refusals: Refusals,
        bell: Bell,
        address_hash: DailyHash,
        rate: SharedLimit,
        address_of: AddressOf,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._keys = keys
        self._writer = writer
        self._tokens = tokens
        self._refusals = refusals
        self._bell = bell
        self._address = lru_cache(8192)(address_hash)
        self._rate = rate
        self._address_of = address_of
        self._clock = clock
        self._bytes_waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]  # type: ignore[typeddict-item]
        if method != "POST":
            if method == "OPTIONS":
                await answer_bare(send, 204, PREFLIGHT)
            else:
                await not_allowed(send, b"POST, OPTIONS", CORS)
            return
        try:
            body = await self._take(scope, receive)
        except DomainError as refusal:
            await refuse(send, BatchTooLarge() if isinstance(refusal, BodyTooLarge) else refusal)
            return
        except Exception:  # a mistake of ours: the page is told to keep its events and never to look at a failure
            _log.exception("tag_events.failed")
            await refuse(send, Unavailable())
            return
        await answer(send, 200, _ANSWERED, body)

    async def _take(self, scope: Scope, receive: Receive) -> bytes:
        body = await read_body(scope, receive, LARGEST_BATCH)
        batch = read_batch(body)
        tag = await self._keys.find(batch.key)
        if tag is None:
            raise UnknownKey(pointer="/key")
        if not tag.turned_on:
            return _OFF
        if not self._rate.takes(batch.key, len(batch.events) + 1, lambda: sender_of(self._address_of(scope))):
            raise TooManyRequests
        events, refused = self._check(batch, tag, scope)
        arrival = Arrival(events)
        if events:
            await self._commit(arrival, refused, len(body))
        if refused:
            self._note(tag, refused, batch)
        stored = len(arrival.events) - arrival.duplicates
        if stored == 1 and not arrival.duplicates and not refused:
            return _ONE_STORED
        return msgspec.json.encode(Receipt(stored, arrival.duplicates, refused))

    def _check(self, batch: Batch, tag: KnownTag, scope: Scope) -> tuple[list[TagEvent], list[Refused]]:
        now = self._clock()
        by, device = _sender(_agent(scope))
        around = Circumstances(
            shop_id=tag.shop_id,
            received_at=now,
            ahead=tag.ahead,
            behind=clock_error(batch.sent_at, now),
            by=by,
            device=device,
            address_hash=self._address(self._address_of(scope), now.date()),
            hosts=tag.hosts,
            may_hold_nul=batch.may_hold_nul,
        )
        events: list[TagEvent] = []
        refused: list[Refused] = []
        for number, event in enumerate(batch.events):
            if isinstance(event, Refused):
                refused.append(event)
                continue
            click_id = self._tokens.click(event.click, now + tag.ahead) if event.click else None
            claim_id = self._tokens.claim(event.claim, now + tag.ahead) if event.claim else None
            try:
                events.append(checked(event, around, click_id, claim_id))
            except DomainError as refusal:
                refused.append(Refused(str(event.id), refusal.code, f"/events/{number}{refusal.pointer or ''}"))
        return events, refused

    async def _commit(self, arrival: Arrival, refused: list[Refused], size: int) -> None:
        if self._bytes_waiting + size > MOST_BYTES_WAITING:
            raise Unavailable
        self._bytes_waiting += size
        try:
            await self._writer.record(arrival)
        except Unstorable:
            await self._one_by_one(arrival, refused)
        finally:
            self._bytes_waiting -= size
        for event in arrival.events:
            if event.name in OF_CONSEQUENCE:
                self._bell.ring(TAG)
                break

    async def _one_by_one(self, arrival: Arrival, refused: list[Refused]) -> None:
        """The database takes one of the events for none, which is a gap in our checks: keep the others."""
        kept = []
        for event in arrival.events:
            alone = Arrival([event])
            try:
                await self._writer.record(alone)
            except Unstorable as error:
                refused.append(Refused(str(event.event_id), error.code, "/events"))
                continue
            kept.append(event)
            arrival.duplicates += alone.duplicates
        arrival.events = kept

    def _note(self, tag: KnownTag, refused: list[Refused], batch: Batch) -> None:
        pages = {str(e.id): e.page for e in batch.events if not isinstance(e, Refused) and e.page}
        for one in refused:
            page = pages.get(one.id or "", "") or ""
            host = page.partition("://")[2].partition("/")[0]
            self._refusals.note(tag.shop_id, one.code, at=self._clock(), pointer=one.pointer, host=host)


def _agent(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"user-agent":
            return value.decode("latin-1")[:LONGEST_AGENT]
    return ""


async def answer_bare(send: Send, status: int, headers: Headers) -> None:
    """An answer that has no body, nor a length of one: 204 and 304."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def refuse(send: Send, error: DomainError) -> None:
    """A problem document that the page's script may read."""
    document = problem_of(error)
    body, headers = encode(document)
    await answer(send, document.status, [*headers, *CORS], body)


def tag_event_route(door: TagEventDoor) -> asgi:
    @asgi("/tag/v1/events", is_mount=True, copy_scope=False)
    async def take_tag_events(scope: Scope, receive: Receive, send: Send) -> None:
        await door(scope, receive, send)

    return take_tag_events
