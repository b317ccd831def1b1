"""Codes on coupon sites on the real database: counted as the formula says, whatever is noted in whatever order."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.shared.ids import new_id
from adapters.tracking.postgres.code_uses import PostgresCodeUses
from kernel.ids import AdvocateId, OrderId, ProgrammeId
from tests.support.world import ShopWorld
from tracking.domain.attribution.chain import CouponSiteRule
from tracking.domain.attribution.coupon_site import AlertNotFound, Use, Watched, tripped_at
from tracking.domain.attribution.known import Alert

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=999)


def _uses(chance: random.Random, code: str) -> list[Use]:
    return [
        Use(
            code=code,
            order_id=OrderId(new_id()),
            placed_at=NOON + timedelta(minutes=30 * chance.randrange(24), microseconds=chance.randrange(2)),
            touched=chance.random() < 0.3,
        )
        for _ in range(chance.randrange(14))
    ]


def _watched(code: str, rule: CouponSiteRule) -> Watched:
    return Watched(code=code, rule=rule, since=LONG_AGO, until=None, earliest=LONG_AGO, scan_from=LONG_AGO)


def test_the_database_counts_as_the_formula_says(shop: ShopWorld) -> None:
    chance = random.Random(7)
    uses = {f"C0DE{number}": _uses(chance, f"C0DE{number}") for number in range(60)}
    rules = {
        code: CouponSiteRule(
            orders=chance.randint(2, 4), hours=chance.randint(1, 3), share_percent=chance.choice([50, 75])
        )
        for code in uses
    }
    units = shop.world.installation.contexts["tracking"].container.units()

    async def count() -> dict[str, datetime]:
        async with units(shop.shop_id) as unit:
            codes = PostgresCodeUses(unit)
            everything = [use for each in uses.values() for use in each]
            chance.shuffle(everything)
            for start in range(0, len(everything), 50):
                batch = everything[start : start + 50]
                assert await codes.note([use.order_id for use in batch], batch)
                assert await codes.note([use.order_id for use in batch], batch) == [], "nothing is new"
            return await codes.tripped([_watched(code, rules[code]) for code in uses])

    expected = {code: at for code in uses if (at := tripped_at(uses[code], rules[code])) is not None}
    assert 5 < len(expected) < 55, "the cases tell something"
    assert shop.world.call(count) == expected


def test_a_use_that_moved_is_told_as_it_was_too(shop: ShopWorld) -> None:
    """So that what was counted because of it is counted again from there."""
    units = shop.world.installation.contexts["tracking"].container.units()
    use = Use(code="C0DE", order_id=OrderId(new_id()), placed_at=NOON, touched=False)
    later = replace(use, placed_at=NOON + timedelta(hours=1))

    async def live() -> list[list[Use]]:
        async with units(shop.shop_id) as unit:
            codes = PostgresCodeUses(unit)
            return [await codes.note([use.order_id], [each]) for each in (use, later, later)]

    first, second, third = shop.world.call(live)
    assert (first, sorted(second, key=lambda each: each.placed_at), third) == ([use], [use, later], [])


def test_what_an_order_no_longer_uses_is_gone(shop: ShopWorld) -> None:
    units = shop.world.installation.contexts["tracking"].container.units()
    use = Use(code="C0DE", order_id=OrderId(new_id()), placed_at=NOON, touched=False)
    rule = CouponSiteRule(orders=2, hours=1)
    alert = Alert(
        code="C0DE", programme_id=ProgrammeId(UUID(int=1)), advocate_id=AdvocateId(UUID(int=2)), tripped_at=NOON
    )

    async def live() -> list[object]:
        async with units(shop.shop_id) as unit:
            codes = PostgresCodeUses(unit)
            other = Use(code="C0DE", order_id=OrderId(new_id()), placed_at=NOON, touched=False)
            await codes.note([use.order_id, other.order_id], [use, other])
            first = await codes.tripped([_watched("C0DE", rule)])
            await codes.put([alert], [])
            kept = await codes.alert("C0DE")
            gone = await codes.note([use.order_id], [])
            second = await codes.tripped([_watched("C0DE", rule)])
            await codes.put([], ["C0DE"])
            with pytest.raises(AlertNotFound):
                await codes.alert("C0DE")
            return [first, kept, gone, second]

    assert shop.world.call(live) == [{"C0DE": NOON}, alert, [use], {}]
