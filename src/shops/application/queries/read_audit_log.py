"""The audit log: its entries, and whether they are as they were entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from kernel.ids import ShopId
from shops.domain.audit import Entry, Link, broken_at
from shops.ports import BeginWork

AT_ONCE: Final = 1000


class Verdict(Struct, frozen=True, kw_only=True):
    """`entries` held up to the first that does not; `broken_at` is its position, None for an intact log.

    `seal` stands for the whole chain so far: kept elsewhere, it proves later that nothing before it was replaced.
    """

    entries: int
    broken_at: int | None
    seal: bytes


@dataclass(frozen=True, slots=True)
class ReadAuditLog:
    """Up to `limit` entries below position `before`, newest first."""

    begin: BeginWork

    async def __call__(self, shop_id: ShopId, *, before: int | None, limit: int) -> Sequence[Entry]:
        async with self.begin(shop_id) as work:
            return await work.audit.page(before=before, limit=limit)


@dataclass(frozen=True, slots=True)
class VerifyAuditLog:
    """Walks the whole chain: an entry that was changed, removed, put in between, or cut off at the end shows."""

    begin: BeginWork
    audit_key: bytes

    async def __call__(self, shop_id: ShopId) -> Verdict:
        async with self.begin(shop_id) as work:
            end = await work.audit.end()
            reached = Link()
            while entries := await work.audit.onwards(reached.position, AT_ONCE):
                reached, broken = broken_at(self.audit_key, shop_id, reached, entries)
                if broken is not None:
                    return Verdict(entries=reached.position, broken_at=broken, seal=reached.seal)
            if reached.position < end.position:
                return Verdict(entries=reached.position, broken_at=reached.position + 1, seal=reached.seal)
        return Verdict(entries=reached.position, broken_at=None, seal=reached.seal)
