"""Short links: a code or a path of the shop's own that leads to a destination, by rules and for a time."""

import re
from datetime import datetime
from string import Formatter
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from kernel.errors import DomainError
from kernel.ids import AdvocateId, LinkId, ProgrammeId, ShopId
from tracking.domain.click import UTM
from tracking.domain.destination import OwnHosts, ReadAddress, checked_destination
from tracking.domain.device import Device
from tracking.domain.places import COUNTRIES, LANGUAGES

MOST_RULES = 20
LONGEST_UTM = 200
PLACEHOLDERS = frozenset({"advocate_code", "channel", "link_code"})
_VANITY = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")


class LinkNotFound(DomainError):
    code = "unknown_link"
    kind = "not_found"
    title = "There is no such link"


class LinkChanged(DomainError):
    code = "link_changed"
    kind = "stale"
    title = "The link was changed by somebody else in the meantime"


class BadVanity(DomainError):
    code = "bad_vanity"
    title = "This cannot be a link's path: small letters, digits, - and _ only, at most 64"


class BadUtm(DomainError):
    code = "bad_utm"
    title = "This campaign value cannot be filled in"


class BadRule(DomainError):
    code = "bad_rule"
    title = "This rule can never be met"


class BadPeriod(DomainError):
    code = "bad_period"
    title = "The link would end before it starts"


class FixedDestination(DomainError):
    code = "fixed_destination"
    title = "An advocate's link always leads to the page of the advocate's deal"


class FixedProgramme(DomainError):
    code = "fixed_programme"
    title = "An advocate's link always counts for the advocate's programme"


class Rule(Struct, frozen=True, kw_only=True):
    """Sends those who meet all that it names to a destination of its own. What is empty asks nothing."""

    destination: str
    devices: tuple[Device, ...] = ()
    countries: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2, upper case. Nobody meets it while the visitor's country is not known."""
    languages: tuple[str, ...] = ()
    """Primary subtags ("de"), of the language that the visitor wants most."""
    since: datetime | None = None
    until: datetime | None = None
    """Excluded."""


class Plan(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a link does beside leading to its destination."""

    utm: dict[str, str] = {}
    """Campaign values that the destination gets, by name of `UTM`, with {placeholders}; see `Landing`."""
    rules: tuple[Rule, ...] = ()
    """The first that is met decides."""
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    fallback: str | None = None
    """Where the link leads before it starts, after it ended and while it is switched off; None: nowhere."""
    enabled: bool = True

    def in_force(self, at: datetime) -> bool:
        return (
            self.enabled
            and (self.starts_at is None or self.starts_at <= at)
            and (self.expires_at is None or at < self.expires_at)
        )

    def checked(self, hosts: OwnHosts, read: ReadAddress, before: Self | None = None) -> Self:
        """The plan with every address put together again; refuses what cannot be, naming the field.

        What stands in the plan of `before` stays as it is: a link must be closed, too, whose shop has lost the domain
        of a rule. Redirects check every address again, and lead nobody there.
        """
        for name, template in self.utm.items():
            _check_utm(name, template)
        if self.starts_at and self.expires_at and self.starts_at >= self.expires_at:
            raise BadPeriod(pointer="/expires_at")
        if len(self.rules) > MOST_RULES:
            raise BadRule(f"A link has at most {MOST_RULES} rules.", pointer="/rules")
        rules = tuple(
            rule if before and rule in before.rules else _checked_rule(rule, number, hosts, read)
            for number, rule in enumerate(self.rules)
        )
        fallback = self.fallback
        if fallback and not (before and fallback == before.fallback):
            fallback = checked_destination(fallback, hosts, read, pointer="/fallback")
        return replace(self, rules=rules, fallback=fallback)


class Link(Struct, frozen=True, kw_only=True):
    """One short link. `destination` is None for an advocate's link: it follows the shop's landing page address."""

    link_id: LinkId
    shop_id: ShopId
    code: str
    destination: str | None
    advocate_id: AdvocateId | None = None
    programme_id: ProgrammeId | None = None
    advocate_code: str | None = None
    created_at: datetime
    title: str = ""
    vanity: str | None = None
    """A path of the shop's own choice, unique within the shop: "summer"."""
    plan: Plan = Plan()
    version: int = 1

    def led_to(self, text: str, hosts: OwnHosts, read: ReadAddress) -> Self:
        """The link with another destination."""
        if self.advocate_id is not None:
            raise FixedDestination(pointer="/destination")
        return replace(self, destination=checked_destination(text, hosts, read))

    def planned(self, plan: Plan, hosts: OwnHosts, read: ReadAddress) -> Self:
        """The link with another plan, checked. A rule that it has already stays, whatever would be asked of it today.

        An advocate's link takes no rules: the friend was promised a deal, and would be led past it.
        """
        for number, rule in enumerate(plan.rules):
            if rule in self.plan.rules:
                continue
            if self.advocate_id is not None:
                raise FixedDestination("It takes no rules that lead elsewhere.", pointer=f"/rules/{number}")
            _check_places(rule, f"/rules/{number}")
        return replace(self, plan=plan.checked(hosts, read, self.plan))

    def counted_for(self, programme_id: ProgrammeId | None) -> Self:
        """The link with another programme that its visits count for."""
        if self.advocate_id is not None and programme_id != self.programme_id:
            raise FixedProgramme(pointer="/programme_id")
        return replace(self, programme_id=programme_id)


def advocate_destination(base_url: str, slug: str, advocate_code: str) -> str:
    """The landing page of an advocate's deal."""
    return f"{base_url}/d/{slug}/{advocate_code}"


def checked_vanity(typed: str, *, pointer: str | None = "/vanity") -> str:
    """The path as it is kept, in small letters; refuses what could be mistaken for something else."""
    path = typed.strip().lower()
    if not _VANITY.fullmatch(path):
        raise BadVanity(pointer=pointer)
    return path


def _check_utm(name: str, template: str) -> None:
    pointer = f"/utm/{name}"
    if name not in UTM:
        raise BadUtm(f"There is no campaign value {name!r}.", pointer="/utm")
    if not template or len(template) > LONGEST_UTM or any(letter < " " or letter == "\x7f" for letter in template):
        raise BadUtm(f"A campaign value has 1 to {LONGEST_UTM} characters on one line.", pointer=pointer)
    try:
        fields = list(Formatter().parse(template))
    except ValueError:
        raise BadUtm("A brace is open or closed without the other.", pointer=pointer) from None
    for _, field, form, conversion in fields:
        if field is not None and (field not in PLACEHOLDERS or form or conversion):
            raise BadUtm(f"{{{field}}} is none of {', '.join(sorted(PLACEHOLDERS))}.", pointer=pointer)


def _check_places(rule: Rule, at: str) -> None:
    for number, country in enumerate(rule.countries):
        if country not in COUNTRIES:
            detail = f"{country} is no country's code (ISO 3166-1 alpha-2; GB is the United Kingdom, GR is Greece)."
            raise BadRule(detail, pointer=f"{at}/countries/{number}")
    for number, language in enumerate(rule.languages):
        if len(language) == 2 and language not in LANGUAGES:
            detail = f"{language} is no language's code (ISO 639-1; da is Danish, cs is Czech, el is Greek)."
            raise BadRule(detail, pointer=f"{at}/languages/{number}")


def _checked_rule(rule: Rule, number: int, hosts: OwnHosts, read: ReadAddress) -> Rule:
    at = f"/rules/{number}"
    if rule.since and rule.until and rule.since >= rule.until:
        raise BadRule("The rule would end before it starts.", pointer=f"{at}/until")
    if not (rule.devices or rule.countries or rule.languages or rule.since or rule.until):
        raise BadRule(
            "A rule names a device, a country, a language or a time; without one nothing follows it.", pointer=at
        )
    return replace(rule, destination=checked_destination(rule.destination, hosts, read, pointer=f"{at}/destination"))
