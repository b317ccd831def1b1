"""What a country allows and asks for. The policies are data (`adapters/engagement/policies.json`)."""

from collections.abc import Mapping

from msgspec import Struct

from engagement.events import Channel


class CountryPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`disclosed_channels`: where an advocate must say that they are rewarded."""

    country: str
    disclosed_channels: frozenset[Channel]

    def wants_disclosure(self, channel: Channel) -> bool:
        return channel in self.disclosed_channels


class Policies(Struct, frozen=True):
    """The policies by country. A country that is not listed gets the strictest: every channel discloses."""

    by_country: Mapping[str, CountryPolicy]
    strictest: CountryPolicy

    def of(self, country: str) -> CountryPolicy:
        return self.by_country.get(country, self.strictest)
