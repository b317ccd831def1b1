"""Typed ids. Every id is a UUIDv7 made outside `src/` and handed in as an argument.

On the wire an id carries a prefix (`prg_…`); `adapters/shared/http/ids.py` translates. Ids that two
contexts know stand here; an id that only one context knows stands in that context.
"""

from typing import NewType
from uuid import UUID

ShopId = NewType("ShopId", UUID)
EventId = NewType("EventId", UUID)
CustomerId = NewType("CustomerId", UUID)
"""One customer record of one shop's vault. Opaque: says nothing about the person."""
PersonId = NewType("PersonId", UUID)
"""Same for all customer records of one shop that share a canonical e-mail; made by a keyed hash, opaque."""
ProgrammeId = NewType("ProgrammeId", UUID)
OfferId = NewType("OfferId", UUID)
AdvocateId = NewType("AdvocateId", UUID)
ReferralId = NewType("ReferralId", UUID)
RewardId = NewType("RewardId", UUID)
ClaimId = NewType("ClaimId", UUID)
LinkId = NewType("LinkId", UUID)
ClickId = NewType("ClickId", UUID)
OrderId = NewType("OrderId", UUID)
