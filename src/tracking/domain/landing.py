"""Where one visit through a link is sent. Prepared once for a link, so that a visit costs a look into a dictionary."""

from collections.abc import Sequence
from datetime import datetime
from string import Formatter
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from tracking.domain.click import UTM, utm_of
from tracking.domain.device import Device
from tracking.domain.link import Plan, Rule
from tracking.domain.places import meant_languages

_MOST_FILLED = 64
_LONGEST_CHANNEL = 40
_NO_CHANNEL = "link"
_SOURCE = UTM.index("utm_source")


class Landing:
    """One destination, ready for what a visit adds: the campaign values of the link, the visit's query, the click.

    The link's template only fills gaps: a campaign value that stands in the destination or that the visit brings is not
    added again, and both go on byte for byte as they were written.
    `{channel}` is what the visit's own utm_source says ("whatsapp"), or "link".
    """

    __slots__ = ("_filled", "_joint", "_open", "_template", "head", "tail")

    def __init__(self, address: str, template: Sequence[tuple[int, str]] = ()) -> None:
        head, mark, fragment = address.encode().partition(b"#")
        self.head = head
        self.tail = mark + fragment
        written = utm_of(head.partition(b"?")[2])
        self._template = tuple([(index, text) for index, text in template if written[index] is None])
        self._filled: dict[tuple[str, tuple[bool, ...]], tuple[bytes, bytes]] = {}
        self._joint = _joint(head)

    def target(self, incoming: bytes, utm: Sequence[str | None], click_token: str | None) -> bytes:
        """The address to send the visitor to.

        `incoming` is the raw query without its question mark, kept byte for byte; `utm` its values of `UTM`.
        """
        head, joint = self._with_campaign(utm) if self._template else (self.head, self._joint)
        if click_token is not None:
            token = b"gv_click=" + click_token.encode()
            added = incoming + b"&" + token if incoming else token
        elif not incoming:
            return head + self.tail
        else:
            added = incoming
        return head + joint + added + self.tail

    def _with_campaign(self, utm: Sequence[str | None]) -> tuple[bytes, bytes]:
        channel = channel_of(utm[_SOURCE])
        key = (channel, tuple([value is not None for value in utm]))
        found = self._filled.get(key)
        if found is None:
            if len(self._filled) >= _MOST_FILLED:
                self._filled.clear()
            found = self._filled[key] = self._fill(utm, channel)
        return found

    def _fill(self, utm: Sequence[str | None], channel: str) -> tuple[bytes, bytes]:
        values = [
            f"{UTM[index]}={quote(template.replace('{channel}', channel), safe='')}"
            for index, template in self._template
            if utm[index] is None
        ]
        head = self.head + self._joint + "&".join(values).encode() if values else self.head
        return head, _joint(head)


class Place(Struct, frozen=True):
    """Where the link stands: what its rules look at."""

    device: Device
    country: str | None
    language: str


class Way:
    """A link made ready: which landing a visit gets.

    `choose` answers None when the link leads nowhere at that time, and whether the link was in force.
    """

    __slots__ = ("_by_place", "_fallback", "_plan", "_rules", "plain")

    def __init__(self, destination: str, plan: Plan, *, advocate_code: str | None, link_code: str) -> None:
        template = _template(plan, advocate_code or "", link_code)
        landing = Landing(destination, template)
        timed = plan.starts_at or plan.expires_at or not plan.enabled
        self.plain = None if plan.rules or timed else landing
        """The only landing of a link that has neither rules nor times: nothing to choose."""
        self._plan = plan
        named = {language for rule in plan.rules for language in rule.languages}
        rules = [replace(rule, languages=meant_languages(rule.languages, named)) for rule in plan.rules]
        self._rules = [*((rule, Landing(rule.destination, template)) for rule in rules), (None, landing)]
        self._fallback = Landing(plan.fallback) if plan.fallback else None
        self._by_place: dict[Place, list[tuple[Rule | None, Landing]]] = {}

    def choose(self, place: Place, at: datetime) -> tuple[Landing | None, bool]:
        if not self._plan.in_force(at):
            return self._fallback, False
        fitting = self._by_place.get(place)
        if fitting is None:
            if len(self._by_place) >= _MOST_FILLED:
                self._by_place.clear()
            fitting = self._by_place[place] = [one for one in self._rules if _meets(one[0], place)]
        return next(landing for rule, landing in fitting if rule is None or _is_time(rule, at)), True


def channel_of(source: str | None) -> str:
    """The channel that a raw utm_source names, if it looks like one."""
    if source is None or len(source) > _LONGEST_CHANNEL or not source.replace("-", "").replace("_", "").isalnum():
        return _NO_CHANNEL
    return source.lower() if source.isascii() else _NO_CHANNEL


def _meets(rule: Rule | None, place: Place) -> bool:
    return rule is None or (
        (not rule.devices or place.device in rule.devices)
        and (not rule.countries or place.country in rule.countries)
        and (not rule.languages or place.language in rule.languages)
    )


def _is_time(rule: Rule, at: datetime) -> bool:
    return (rule.since is None or rule.since <= at) and (rule.until is None or at < rule.until)


def _template(plan: Plan, advocate_code: str, link_code: str) -> list[tuple[int, str]]:
    """(index in `UTM`, text with nothing but {channel} left to fill in)."""
    known = {"advocate_code": advocate_code, "link_code": link_code, "channel": "{channel}"}
    filled = []
    for name, text in plan.utm.items():
        parts = [
            literal.replace("{", "").replace("}", "") + (known[field] if field else "")
            for literal, field, _, _ in Formatter().parse(text)
        ]
        filled.append((UTM.index(name), "".join(parts)))
    return sorted(filled)


def _joint(head: bytes) -> bytes:
    """What stands between an address and a query that is added to it."""
    if b"?" not in head:
        return b"?"
    return b"" if head.endswith((b"?", b"&")) else b"&"
