"""Reads what the tag sends: a batch in one pass, or event by event when one of them is not as it should be."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Raw, Struct

from adapters.shared.http.wording import in_words
from adapters.tracking.halves import mended
from kernel.errors import DomainError
from kernel.ids import ClaimId, ClickId, ShopId
from tracking.domain import tag_event
from tracking.domain.click import Visitor
from tracking.domain.device import Device
from tracking.domain.tag_event import (
    LARGEST_DATA,
    MOST_EVENTS,
    SHAPES,
    BadData,
    Consent,
    ForeignPage,
    IdentifyData,
    Name,
    OrderData,
    TagEvent,
    UnreadableText,
)

Moment = Annotated[datetime, Meta(tz=True)]
Address = Annotated[str, Meta(max_length=2048)]
Token = Annotated[str, Meta(max_length=500)]
_NOTHING: Final = Raw(b"null")
_NUL: Final = b"\\u0000"
NEEDS_DATA: Final = frozenset(SHAPES) - {"sign_up"}


class MalformedBatch(DomainError):
    code = "malformed_batch"
    title = "The body is not a batch of tag events"


class TooManyEvents(DomainError):
    code = "too_many_events"
    kind = "too_large"
    title = f"A batch holds at most {MOST_EVENTS} events"


class SentEvent(Struct, frozen=True, kw_only=True):
    """One event on the wire. Fields that are not known here are ignored, so that an older server takes a newer tag."""

    id: UUID
    name: Name
    at: Moment
    page: Address | None = None
    referrer: Address | None = None
    title: Annotated[str, Meta(max_length=500)] | None = None
    visitor: Annotated[str, Meta(max_length=64)] | None = None
    click: Token | None = None
    claim: Token | None = None
    consent: Consent | None = None
    data: Raw = _NOTHING


class SentBatch(Struct, frozen=True, kw_only=True):
    key: str
    sent_at: Moment | None = None
    events: list[SentEvent]


class LooseBatch(Struct, frozen=True, kw_only=True):
    """A batch whose events are still text."""

    key: str
    sent_at: Moment | None = None
    events: list[Raw]


class Refused(Struct, frozen=True):
    """An event that was not stored. `id` is null when it was not readable."""

    id: str | None
    code: str
    pointer: str


Event = SentEvent | Refused
_batch = msgspec.json.Decoder(SentBatch)
_loose = msgspec.json.Decoder(LooseBatch)
_event = msgspec.json.Decoder(SentEvent)
_data = {name: msgspec.json.Decoder(shape) for name, shape in SHAPES.items()}


class Batch(Struct, frozen=True):
    key: str
    sent_at: datetime | None
    events: Sequence[Event]
    may_hold_nul: bool


def read_batch(body: bytes) -> Batch:
    """The batch in a body; an event that is not readable is a refusal in its place. MalformedBatch, TooManyEvents."""
    try:
        return _read(body)
    except MalformedBatch:
        whole = mended(body)
        if whole == body:
            raise
        return _read(whole)


def _read(body: bytes) -> Batch:
    may_hold_nul = _NUL in body
    try:
        body.decode()  # whole, once: texts that are passed on unread are UTF-8 too
        try:
            sent = _batch.decode(body)
            batch = Batch(sent.key, sent.sent_at, sent.events, may_hold_nul)
        except msgspec.ValidationError:
            loose = _loose.decode(body)
            events = [_one(number, text) for number, text in enumerate(loose.events[: MOST_EVENTS + 1])]
            batch = Batch(loose.key, loose.sent_at, events, may_hold_nul)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedBatch(_in_words(error), pointer=_pointer(error)) from None
    except RecursionError:
        raise MalformedBatch("The body is nested too deep.", pointer="") from None
    if len(batch.events) > MOST_EVENTS:
        raise TooManyEvents(pointer="/events")
    return batch


def _one(number: int, text: Raw) -> Event:
    try:
        return _event.decode(text)
    except msgspec.MsgspecError as error:
        return Refused(_id_of(text), "invalid_event", f"/events/{number}{_pointer(error)}")


class _Named(Struct, frozen=True):
    id: UUID


def _id_of(text: Raw) -> str | None:
    try:
        return str(msgspec.json.decode(text, type=_Named).id)
    except msgspec.MsgspecError:
        return None


def _in_words(error: Exception) -> str:
    return in_words(str(error).partition(" - at `$")[0])[:200]


def _pointer(error: Exception) -> str:
    """msgspec says where as "… - at `$.events[3].at`"; a field that is missing is not part of that."""
    _, found, path = str(error).partition(" - at `$")
    named = str(error).partition("missing required field `")[2].partition("`")[0]
    parts = path.rstrip("`").replace("[", ".").replace("]", "").split(".") if found else []
    return "".join(f"/{part}" for part in [*parts, named] if part)


class Circumstances(Struct, frozen=True, kw_only=True):
    """What the events of one request share, as it is stored with each of them."""

    shop_id: ShopId
    received_at: datetime
    ahead: timedelta
    """How far the shop's clock is moved forward."""
    behind: timedelta
    """How much the device's clock is behind ours."""
    by: Visitor
    device: Device
    address_hash: bytes
    hosts: frozenset[str]
    may_hold_nul: bool


def checked(event: SentEvent, around: Circumstances, click_id: ClickId | None, claim_id: ClaimId | None) -> TagEvent:
    """The event as it is stored; raises a DomainError that points into the event."""
    if around.may_hold_nul:
        _check_texts(event)
    kept = _kept_data(event, around.by)
    happened = tag_event.happened_at(event.at, around.behind, around.received_at)
    return TagEvent(
        shop_id=around.shop_id,
        event_id=event.id,
        name=event.name,
        at=event.at,
        happened_at=happened + around.ahead if around.ahead else happened,
        received_at=around.received_at,
        by=around.by,
        device=around.device,
        address_hash=around.address_hash,
        visitor=_visitor(event, around.by),
        click_id=click_id,
        claim_id=claim_id,
        page=_page(event.page, around.hosts) if event.page else None,
        referrer=_referrer(event.referrer) if event.referrer else None,
        title=event.title,
        consent=event.consent,
        data=kept,
    )


def _visitor(event: SentEvent, by: Visitor) -> str | None:
    """The random id, with consent. A consent that was withdrawn names whom to forget; the worker strikes it then."""
    told = event.name == "consent" and by == "person"
    return event.visitor if told or tag_event.may_remember(event.consent) else None


def _kept_data(event: SentEvent, by: Visitor) -> Raw | None:
    """The data as it is stored, once it was checked; None for none.

    Who somebody is, and whom a buyer named, is for the worker, who takes it out. Of machines' events and of those
    without consequences the worker sees nothing, so it goes here.
    """
    data = bytes(event.data)
    given = data != b"null"
    if not given and event.name not in NEEDS_DATA:
        return None
    read = _check_data(event.name, data)
    if isinstance(read, IdentifyData) and by != "person":
        return None
    if isinstance(read, OrderData) and (event.name != "purchase" or by != "person"):
        return Raw(tag_event.without_name(data))
    return event.data


def _page(address: str, hosts: frozenset[str]) -> str:
    page = tag_event.page_of(address)
    if not tag_event.is_at_home(page.host, hosts):
        raise ForeignPage(pointer="/page")
    return page.kept


def _referrer(address: str) -> str | None:
    try:
        return tag_event.page_of(address).kept
    except tag_event.BadPage:  # an app, say: nobody's mistake
        return None


def _check_texts(event: SentEvent) -> None:
    for name in ("page", "referrer", "title", "visitor"):
        if "\0" in (getattr(event, name) or ""):
            raise UnreadableText(pointer=f"/{name}")
    if _NUL in bytes(event.data):
        raise UnreadableText(pointer="/data")


def _check_data(name: Name, text: bytes) -> object:
    """What is read of the data; None for an event whose data is not looked at."""
    if not text.startswith(b"{"):
        raise BadData("The data is not an object.", pointer="/data")
    if len(text) > LARGEST_DATA or tag_event.too_deep(text):
        raise BadData("The data is too large or nested too deep.", pointer="/data")
    decoder = _data.get(name)
    if decoder is None:
        return None
    try:
        data = decoder.decode(text)
    except msgspec.ValidationError as error:
        raise BadData(_in_words(error), pointer=f"/data{_pointer(error)}") from None
    if isinstance(data, OrderData):
        tag_event.check_amount(data)
    return data
