"""The country policies, read from `policies.json`: cautious defaults that an operator's lawyer may change."""

from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct

from engagement.domain.policy import CountryPolicy, Policies


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    strictest: CountryPolicy
    countries: tuple[CountryPolicy, ...]


@lru_cache(maxsize=1)
def read_policies() -> Policies:
    file = msgspec.json.decode(Path(__file__).with_name("policies.json").read_bytes(), type=_File)
    return Policies({policy.country: policy for policy in file.countries}, file.strictest)
