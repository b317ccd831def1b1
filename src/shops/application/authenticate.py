"""Find out whom an API key stands for."""

from dataclasses import dataclass

from msgspec import Struct

from shops.domain.api_key import KeyRejected, fingerprint
from shops.ports import Authenticated, KeyLookup


class Credentials(Struct, frozen=True):
    secret: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """A text that is no key, an unknown key and a revoked key are refused alike: KeyRejected."""

    keys: KeyLookup

    async def __call__(self, command: Credentials) -> Authenticated:
        found = await self.keys.find(fingerprint(command.secret))
        if found is None:
            raise KeyRejected
        return found
