"""Links in memory: no query while warm, the changed one forgotten everywhere in under a second, and no other."""

import asyncio
import time
from typing import Any

import pytest

from adapters.shared.http.ids import to_wire
from adapters.shared.ids import new_id
from adapters.shared.postgres.errors import Unavailable
from adapters.tracking.caches import TimedCache
from adapters.tracking.crawlers import has_word, is_crawler
from adapters.tracking.http.redirect import profile_of
from adapters.tracking.link_places import TAKEN, LinkPlaces
from adapters.tracking.remembered import Remembered
from kernel.ids import LinkId
from tests.features.tracking.shopfront import PHONE, Shopfront
from tests.support.world import ShopWorld
from tracking.domain.link import Link


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    return Shopfront(shop)


def make(front: Shopfront, **more: Any) -> dict[str, Any]:
    answer = front.api("POST", "/links", json={"destination": "https://nordlicht.example/a"} | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def another_process(front: Shopfront) -> Remembered:
    """A second memory on the same database, with a listener of its own, as another web process has it."""
    hosted = front.shop.world.installation.contexts["tracking"]
    mine = hosted.container.remembered()
    return Remembered(
        hosted.units, hosted.relay_database, hosted.database, hosted.bell, "http://testserver.local", mine._box
    )


def test_a_change_reaches_every_process_within_a_second_and_forgets_one_link_only(front: Shopfront) -> None:
    changed, other = make(front, vanity="summer"), make(front)
    path = f"{front.shop.slug}/summer"

    async def change() -> None:
        def patch() -> None:
            answer = front.api("PATCH", f"/links/{changed['id']}", json={"destination": "https://nordlicht.example/b"})
            assert answer.status_code == 200, answer.text

        await asyncio.to_thread(patch)

    async def story() -> float:
        memory = another_process(front)
        async with memory.listening():
            while not memory.hosts and len(memory.links) == 0:
                await memory.links.get(changed["code"])
                await asyncio.sleep(0.05)
            # A shop that was opened a moment ago is told of twice, the second time 0.3 s later: that clears everything.
            await asyncio.sleep(0.8)
            for key in (changed["code"], path, other["code"]):
                await memory.links.get(key)
            loads = memory.links.loads
            for key in (changed["code"], path, other["code"]):
                assert memory.links.peek(key) is not None
                await memory.links.get(key)
            assert memory.links.loads == loads, "no query while warm"
            await change()
            started = time.monotonic()
            while memory.links.peek(changed["code"]) is not None or memory.links.peek(path) is not None:
                assert time.monotonic() - started < 1
                await asyncio.sleep(0.005)
            took = time.monotonic() - started
            assert memory.links.peek(other["code"]) is not None, "other links stay"
            again = await memory.links.get(path)
            assert again is not None
            assert again.way.plain is not None
            assert again.way.plain.head == b"https://nordlicht.example/b"
        return took

    assert front.shop.world.call(story) < 1


def test_what_is_cleared_is_given_while_the_database_is_away_and_what_is_forgotten_is_not() -> None:
    away = [False]

    async def load(key: str) -> str | None:
        if away[0]:
            raise Unavailable
        return key.upper()

    async def story() -> None:
        cache: TimedCache[str, str] = TimedCache(load, keep_s=0.01, outlives_outage=True)
        assert [await cache.get(key) for key in "abc"] == ["A", "B", "C"]
        away[0] = True
        await asyncio.sleep(0.02)
        assert await cache.get("a") == "A"
        cache.clear()
        assert [await cache.get(key) for key in "ab"] == ["A", "B"]
        cache.forget("c")
        with pytest.raises(Unavailable):
            await cache.get("c")
        with pytest.raises(Unavailable):
            await cache.get("d")
        away[0] = False
        loads = cache.loads
        assert await cache.get("a") == "A"
        assert cache.loads > loads, "what was cleared is loaded again"

    asyncio.run(story())


def test_a_silent_database_does_not_hold_up_what_is_known() -> None:
    silent = [False]

    async def load(key: str) -> str | None:
        if silent[0]:
            await asyncio.sleep(60)
        return key

    async def story() -> None:
        cache: TimedCache[str, str] = TimedCache(load, outlives_outage=True, patience_s=0.05)
        await cache.get("a")
        silent[0] = True
        cache.clear()
        started = time.monotonic()
        assert await cache.get("a") == "a"
        assert time.monotonic() - started < 1

    asyncio.run(story())


def test_memory_of_links_is_bounded() -> None:
    async def load(key: int) -> int | None:
        return key

    async def story() -> None:
        cache: TimedCache[int, int] = TimedCache(load, most=10, outlives_outage=True)
        for key in range(100):
            await cache.get(key)
        assert len(cache) == 10

    asyncio.run(story())


def test_a_link_whose_domain_is_no_longer_the_shops_is_refused_at_the_redirect(front: Shopfront) -> None:
    link = make(front)
    assert front.visit(link["code"]).status_code == 302
    # As if somebody had written past every check: the redirect looks for itself.
    front.shop.world.sql(
        "UPDATE tracking.link_code SET destination = 'https://elsewhere.example/' WHERE code = %s", link["code"]
    )
    front.shop.world.sql("SELECT pg_notify('grapevine_tracking_caches', %s)", link["code"])
    front.shop.eventually(lambda: front.visit(link["code"]).status_code == 404, within=1)


def test_a_browser_is_looked_at_once() -> None:
    agents = [f"{PHONE} build/{number}" for number in range(40)]
    profile_of.cache_clear()
    is_crawler.cache_clear()
    has_word.cache_clear()
    for number in range(1000):
        profile_of("GET", (b"user-agent", agents[number % 40].encode()))
    assert is_crawler.cache_info().misses == 40
    assert has_word.cache_info().misses == 2  # of one digit and of two


def test_a_clicks_mark_is_good_for_the_programmes_longest_window_and_a_month(front: Shopfront) -> None:
    front.programme(14)
    front.advocate("Ada", "ADA2-2026")
    code = front.advocates["Ada"]["link_code"]

    async def days() -> int:
        target = await another_process(front).links.get(code)
        assert target is not None
        return target.token_life.days

    assert front.shop.world.call(days) == 14 + 30
    front.programme(60, revision=2)
    assert front.shop.world.call(days) == 60 + 30
    plan = '{"steps": [{"method": "manual"}, {"method": "click_id", "window_hours": 2161}]}'
    front.shop.world.sql(
        "INSERT INTO tracking.chain VALUES (%s, %s, 2, now(), %s::json, 'x', now())",
        front.shop.shop_id, front.programme_id, plan,
    )  # fmt: skip
    assert front.shop.world.call(days) == 91 + 30
    assert front.shop.world.call(days_without_programme, front) == 30 + 30


def test_a_window_that_changes_is_seen_by_redirects_at_once_and_other_shops_links_stay(front: Shopfront) -> None:
    front.programme(14)
    front.advocate("Ada", "ADA2-2026")
    code = front.advocates["Ada"]["link_code"]
    other = make(Shopfront(front.shop.world.open_shop(title="Suedlicht")), destination="http://testserver.local/d/x/y")[
        "code"
    ]

    async def sees(memory: Remembered, days: int) -> None:
        async with asyncio.timeout(5):
            while True:
                target = await memory.links.get(code)
                if target is not None and target.token_life.days == days + 30:
                    return
                await asyncio.sleep(0.01)

    async def story() -> None:
        memory = another_process(front)
        async with memory.listening():
            # A shop that was opened a moment ago is told of twice, the second time 0.3 s later: that clears everything.
            await asyncio.sleep(0.8)
            await sees(memory, 14)
            await memory.links.get(other)
            await asyncio.to_thread(front.programme, 60, 2)
            await sees(memory, 60)
            steps = {"steps": [{"method": "manual"}, {"method": "click_id", "window_hours": 2160}]}
            path = f"/attribution/chains/{to_wire('prg', front.programme_id)}/versions"
            answer = await asyncio.to_thread(front.api, "POST", path, json={"plan": steps})
            assert answer.status_code in {200, 201}, answer.text
            await sees(memory, 90)
            assert memory.links.peek(other) is not None

    front.shop.world.call(story)


async def days_without_programme(front: Shopfront) -> int:
    link = await asyncio.to_thread(make, front)
    target = await another_process(front).links.get(link["code"])
    assert target is not None
    return target.token_life.days


def test_paths_of_ours_are_not_given_out_as_paths_of_links(front: Shopfront) -> None:
    routes = front.shop.world.app.routes
    firsts = {route.path.strip("/").partition("/")[0] for route in routes}
    assert {first for first in firsts if first and not first.startswith("{")} <= TAKEN
    places = LinkPlaces("https://share.example", "nordlicht", ["go.nordlicht.example"])
    link = Link(
        link_id=LinkId(new_id()), shop_id=front.shop.shop_id, code="7K2M9QX0", destination="https://a/", vanity="docs",
        created_at=front.now(),
    )  # fmt: skip
    assert places.urls(link) == [
        "https://go.nordlicht.example/l/docs",
        "https://go.nordlicht.example/7K2M9QX0",
        "https://share.example/l/nordlicht/docs",
        "https://share.example/l/7K2M9QX0",
    ]


def test_on_other_hosts_a_path_without_a_route_is_a_problem(front: Shopfront) -> None:
    answer = front.shop.client.get("/summer")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert front.shop.client.get("/api/v1/links/nothing", headers=front.shop.headers).json()["code"] == "unknown_id"
