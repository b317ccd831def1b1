"""What a merchant does at the platform, step by step, and how far they are."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, field

from adapters.shared.http.bodies import Answer
from adapters.tracking.platforms.platform import Platform
from tracking.domain.connection import SECRET_GIVEN, Connection, Kind

_TEXTS: Final = Path(__file__).with_name("setup_texts.json")


class PasteAnswer(Answer, frozen=True, kw_only=True):
    """A field at the platform and what goes into it."""

    name: Annotated[str, Meta(examples=["Delivery URL"])]
    value: str | None
    """null for the secret, which is shown once: with the answer that made it."""


class AskAnswer(Answer, frozen=True, kw_only=True):
    """What the platform shows you and we must be told."""

    name: Annotated[str, Meta(examples=["secret"])]
    where: str
    required: bool
    given: bool


class StepAnswer(Answer, frozen=True, kw_only=True):
    """One step. `done` is null where only you can tell."""

    title: str
    text: str
    paste: list[PasteAnswer] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    tell: list[AskAnswer] = field(default_factory=list)
    done: bool | None = None


class KindAnswer(Answer, frozen=True, kw_only=True):
    """A kind of platform, and what connecting it takes."""

    kind: Kind
    title: str
    makes_secret: bool
    """We make the secret and you paste it there; else the platform tells it to you."""
    steps: list[StepAnswer]


class KindList(Answer, frozen=True, kw_only=True):
    items: list[KindAnswer]


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return msgspec.json.decode(_TEXTS.read_bytes(), type=dict[str, dict[str, str]])


def kind_answer(platform: Platform) -> KindAnswer:
    made = platform.kind not in SECRET_GIVEN
    return KindAnswer(
        kind=platform.kind,  # type: ignore[arg-type]
        title=platform.title,
        makes_secret=made,
        steps=list(_steps(platform, {}, None, verified=None)),
    )


def setup_steps(
    platform: Platform, connection: Connection, address: str, secret: str | None, *, verified: bool
) -> list[StepAnswer]:
    """`secret` is the one just made, to be shown this once."""
    values = {"{address}": address} | ({"{secret}": secret} if secret is not None else {})
    return list(_steps(platform, values, connection, verified=verified))


def _steps(
    platform: Platform, values: Mapping[str, str], connection: Connection | None, *, verified: bool | None
) -> Iterator[StepAnswer]:
    texts, setup = _texts()[platform.kind], platform.setup
    yield StepAnswer(title="Open the place where webhooks are made", text=setup.where)
    paste = [PasteAnswer(name=name, value=_filled(value, values)) for name, value in setup.paste]
    yield StepAnswer(title="Paste what we give you", text="Each into the field of that name.", paste=paste)
    if setup.topics:
        yield StepAnswer(
            title="Choose the messages", text="All of these: we need each to know an order.", topics=list(setup.topics)
        )
    tell = [_ask(platform, name, texts, connection) for name in ("secret", "account", "api_token") if name in texts]
    needed = [ask for ask in tell if ask.required]
    if needed:
        done = all(ask.given for ask in needed) if connection is not None else None
        yield StepAnswer(title="Tell us what the platform shows you", text="We keep it sealed.", tell=tell, done=done)
    yield StepAnswer(title="Send a first message", text=texts["verify"], done=verified)


def _filled(value: str, values: Mapping[str, str]) -> str | None:
    """The text with the connection's address and secret in it; None while there is none to show."""
    for name in ("{address}", "{secret}"):
        if name in value:
            if name not in values:
                return None
            value = value.replace(name, values[name])
    return value


def _ask(platform: Platform, name: str, texts: Mapping[str, str], connection: Connection | None) -> AskAnswer:
    given = connection is not None and bool(connection.secrets if name == "secret" else getattr(connection, name))
    return AskAnswer(name=name, where=texts[name], required=name in platform.setup.asks, given=given)
