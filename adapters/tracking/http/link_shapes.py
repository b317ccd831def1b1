"""Links on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from adapters.shared.http.bodies import Answer, Body, OptionalName
from adapters.shared.http.ids import from_wire, to_wire
from adapters.tracking.link_places import LinkPlaces
from adapters.tracking.platforms.reading import utc
from kernel.ids import ProgrammeId
from tracking.domain.click import UTM
from tracking.domain.link import MOST_RULES, Link, Plan, Rule

LinkIdText = Annotated[str, Meta(examples=["lnk_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
ProgrammeIdText = Annotated[str, Meta(max_length=40, examples=["prg_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-12-01T00:00:00Z"])]
Destination = Annotated[
    str, Meta(min_length=1, max_length=2048, examples=["https://nordlicht.example/lamps?utm_source=x"])
]
Vanity = Annotated[str, Meta(min_length=1, max_length=64, examples=["summer"])]
UtmText = Annotated[str, Meta(min_length=1, max_length=200, examples=["friends-{channel}"])]
Utm = Annotated[
    dict[str, UtmText], Meta(max_length=6, examples=[{"utm_campaign": "summer", "utm_source": "{channel}"}])
]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", examples=["DE"])]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}$(?!\n)", examples=["de"])]


class RuleBody(Body, frozen=True, kw_only=True):
    """Whoever meets all that is named goes to `destination`. What is empty asks nothing."""

    destination: Destination
    devices: Annotated[list[Literal["phone", "tablet", "desktop", "other"]], Meta(max_length=4)] = field(
        default_factory=list
    )
    countries: Annotated[list[Country], Meta(max_length=250)] = field(default_factory=list)
    """ISO 3166-1 alpha-2, and XK for Kosovo. Known only where the operator gave a country file."""
    languages: Annotated[list[Language], Meta(max_length=50)] = field(default_factory=list)
    """Of the language that the visitor wants most: ISO 639-1, or three letters. Norwegian is no, nb and nn, but for
    what another rule names."""
    since: Moment | None = None
    until: Moment | None = None

    def rule(self, at: str) -> Rule:
        return Rule(
            destination=self.destination,
            devices=tuple(self.devices),
            countries=tuple(self.countries),
            languages=tuple(self.languages),
            since=_utc(self.since, f"{at}/since"),
            until=_utc(self.until, f"{at}/until"),
        )

    @classmethod
    def of(cls, rule: Rule) -> "RuleBody":
        return cls(
            destination=rule.destination,
            devices=list(rule.devices),
            countries=list(rule.countries),
            languages=list(rule.languages),
            since=rule.since,
            until=rule.until,
        )


class LinkRequest(Body, frozen=True, kw_only=True):
    """Every address is on the shop's storefront, one of its verified domains, or this installation."""

    destination: Destination
    title: OptionalName = ""
    """For the shop's own people."""
    vanity: Vanity | None = None
    """A path of your own, unique in the shop: small letters, digits, - and _."""
    programme_id: ProgrammeIdText | None = None
    utm: Utm = field(default_factory=dict)
    """Campaign values that the destination gets unless it has them itself or the visit brings them. `{advocate_code}`,
    `{link_code}` and `{channel}` (what the visit's own utm_source says) are filled in."""
    rules: Annotated[list[RuleBody], Meta(max_length=MOST_RULES)] = field(default_factory=list)
    """In order: the first that is met decides. An advocate's link takes none."""
    starts_at: Moment | None = None
    expires_at: Moment | None = None
    fallback: Destination | None = None
    """Where the link leads before its start, after its end and while it is switched off; without it, nowhere."""

    def plan(self) -> Plan:
        return Plan(
            utm=dict(self.utm),
            rules=_rules(self.rules),
            starts_at=_utc(self.starts_at, "/starts_at"),
            expires_at=_utc(self.expires_at, "/expires_at"),
            fallback=self.fallback,
        )


class LinkPatch(Body, frozen=True, kw_only=True):
    """What is left out stays; null takes a value away."""

    destination: Destination | UnsetType = UNSET
    title: OptionalName | UnsetType = UNSET
    vanity: Vanity | UnsetType | None = UNSET
    programme_id: ProgrammeIdText | UnsetType | None = UNSET
    utm: Utm | UnsetType = UNSET
    rules: Annotated[list[RuleBody], Meta(max_length=MOST_RULES)] | UnsetType = UNSET
    starts_at: Moment | UnsetType | None = UNSET
    expires_at: Moment | UnsetType | None = UNSET
    fallback: Destination | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    """False switches the link off."""

    def plan(self) -> dict[str, object]:
        names = ("utm", "fallback", "enabled")
        given: dict[str, object] = {name: getattr(self, name) for name in names if getattr(self, name) is not UNSET}
        moments = {"starts_at": self.starts_at, "expires_at": self.expires_at}
        given |= {name: _utc(moment, f"/{name}") for name, moment in moments.items() if moment is not UNSET}
        if self.rules is not UNSET:
            given["rules"] = _rules(self.rules)
        return given


class LinkAnswer(Answer, frozen=True, kw_only=True):
    id: LinkIdText
    version: int
    """Also the ETag; send it as If-Match to change only what you have read."""
    code: Annotated[str, Meta(examples=["7K2M9QX0"])]
    url: Annotated[str, Meta(examples=["https://share.example/l/7K2M9QX0"])]
    urls: list[str]
    """Every address under which the link is found, those on the shop's own domains first."""
    destination: str
    title: str
    vanity: str | None
    advocate_id: str | None
    """Whose link it is, when it is an advocate's."""
    programme_id: str | None
    utm: dict[str, str]
    rules: list[RuleBody]
    starts_at: datetime | None
    expires_at: datetime | None
    fallback: str | None
    enabled: bool
    created_at: datetime


class LinkList(Answer, frozen=True, kw_only=True):
    items: list[LinkAnswer]
    next_cursor: str | None


class ClickAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["clk_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    clicked_at: datetime
    visitor: Annotated[str, Meta(examples=["person"])]
    """person, bot or preview; only a person's click can be credited."""
    visit: bool | None
    """The click begins a visit; false for a repeat within an hour and for machines, null until it is settled."""
    query: str
    """The query string as it came, byte for byte (a byte that is no ASCII is shown as Latin-1)."""
    utm: dict[str, str]
    """Campaign values as they were written, still percent-encoded."""
    click_ids: dict[str, str]
    """Marks of advertising networks (gclid, fbclid, …) as they were written."""
    referrer_host: str
    language: str
    device: Annotated[str, Meta(examples=["phone"])]
    country: str | None


class ClickList(Answer, frozen=True, kw_only=True):
    items: list[ClickAnswer]
    next_cursor: str | None


def _rules(bodies: list[RuleBody]) -> tuple[Rule, ...]:
    return tuple(body.rule(f"/rules/{number}") for number, body in enumerate(bodies))


def _utc(moment: datetime | None, pointer: str) -> datetime | None:
    return utc(moment, pointer) if moment is not None else None


def programme_of(text: str | None) -> ProgrammeId | None:
    return ProgrammeId(from_wire("prg", text, pointer="/programme_id")) if text is not None else None


def link_answer(link: Link, places: LinkPlaces) -> LinkAnswer:
    plan = link.plan
    return LinkAnswer(
        id=to_wire("lnk", link.link_id),
        version=link.version,
        code=link.code,
        url=f"{places.base_url}/l/{link.code}",
        urls=places.urls(link),
        destination=places.destination(link),
        title=link.title,
        vanity=link.vanity,
        advocate_id=to_wire("adv", link.advocate_id) if link.advocate_id else None,
        programme_id=to_wire("prg", link.programme_id) if link.programme_id else None,
        utm=plan.utm,
        rules=[RuleBody.of(rule) for rule in plan.rules],
        starts_at=plan.starts_at,
        expires_at=plan.expires_at,
        fallback=plan.fallback,
        enabled=plan.enabled,
        created_at=link.created_at,
    )


def click_answer(row: Any) -> ClickAnswer:
    return ClickAnswer(
        id=to_wire("clk", row.click_id),
        clicked_at=row.clicked_at,
        visitor=row.visitor,
        visit=row.visit,
        query=bytes(row.query).decode("latin-1"),
        utm={name: getattr(row, name) for name in UTM if getattr(row, name) is not None},
        click_ids=row.click_ids or {},
        referrer_host=row.referrer_host,
        language=row.language,
        device=row.device,
        country=row.country,
    )
