"""Shops, keys and the audit log on the real database: what it refuses by itself, and what holds under races."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from adapters.host.composition import role_password
from kernel.errors import DomainError
from shops.application.create_key import NewKey
from shops.application.move_clock import ClockMove, MoveClock
from shops.domain.audit import OPERATOR
from shops.domain.shop import ShopNotFound, SlugTaken
from tests.support.world import ShopWorld


def container(shop: ShopWorld) -> Any:
    return shop.world.installation.contexts["shops"].container


def as_role(shop: ShopWorld, name: str) -> psycopg.Connection[Any]:
    password = role_password(shop.world.installation.settings, name)
    conninfo = psycopg.conninfo.make_conninfo(
        shop.world.conninfo, user=name, password=password, options="-c search_path=shops"
    )
    return psycopg.connect(conninfo)


def test_a_slug_belongs_to_one_shop(shop: ShopWorld) -> None:
    with pytest.raises(SlugTaken):
        shop.world.open_shop(slug=shop.slug)
    found = shop.world.call(container(shop).find_shop_by_slug(), shop.slug)
    assert found.shop_id == shop.shop_id
    for slug in ("nobody", "", "\0", "ä" * 200):
        with pytest.raises(ShopNotFound):
            shop.world.call(container(shop).find_shop_by_slug(), slug)


def test_the_contexts_own_copy_of_the_shop_follows_at_once(shop: ShopWorld) -> None:
    for days in (1, 2):
        answer = shop.client.post("/api/v1/shop/clock", json={"days": days}, headers=shop.headers)
        query = "SELECT revision, clock_offset_s FROM shops.known_shop WHERE shop_id = %s"
        expected = (answer.json()["revision"], answer.json()["clock_offset_seconds"])
        assert shop.world.sql(query, shop.shop_id) == [expected]
    told = "SELECT array_agg((payload->>'revision')::int ORDER BY event_id) FROM shops.outbox WHERE shop_id = %s"
    assert shop.world.sql(told, shop.shop_id) == [([1, 2, 3],)]


def test_moves_at_the_same_moment_all_count(shop: ShopWorld) -> None:
    move = MoveClock(begin=container(shop).begin())

    async def race() -> None:
        ahead = timedelta(days=1)
        moves = [move(ClockMove(shop_id=shop.shop_id, actor=OPERATOR, ahead=ahead)) for _ in range(12)]
        await asyncio.gather(*moves)

    shop.world.call(race)
    answer = shop.client.get("/api/v1/shop", headers=shop.headers).json()
    assert (answer["clock_offset_seconds"], answer["revision"]) == (12 * 86_400, 13)
    verdict = shop.client.get("/api/v1/audit-log/verification", headers=shop.headers).json()
    assert (verdict["intact"], verdict["broken_at"]) == (True, None)
    assert verdict["entries"] >= 13


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET subject = ''", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_audit_log_is_append_only(shop: ShopWorld, statement: str) -> None:
    with as_role(shop, "grapevine_shops") as connection:
        connection.execute("SELECT set_config('app.shop_id', %s, true)", (str(shop.shop_id),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shop.world.sql(statement.replace("audit_entry", "shops.audit_entry"))


def test_a_refused_change_leaves_no_trace(shop: ShopWorld) -> None:
    def state() -> Any:
        queries = ("shops.shop", "shops.audit_entry", "shops.outbox")
        return [shop.world.sql(f"SELECT count(*) FROM {table} WHERE shop_id = %s", shop.shop_id) for table in queries]

    before = state(), shop.client.get("/api/v1/shop", headers=shop.headers).headers["etag"]
    body = {"title": "New", "time_zone": "Mars/Olympus"}
    assert shop.client.patch("/api/v1/shop", json=body, headers=shop.headers).status_code == 422
    assert before == (state(), shop.client.get("/api/v1/shop", headers=shop.headers).headers["etag"])


def test_keys_cannot_be_listed_before_a_shop_is_known(shop: ShopWorld) -> None:
    with as_role(shop, "grapevine_shops_relay") as connection:
        assert connection.execute("SELECT * FROM key_lookup").fetchall() == []
        for table in ("api_key", "customer", "audit_entry", "shop"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT * FROM {table}".encode())


def test_without_a_shop_nothing_can_be_asked(shop: ShopWorld) -> None:
    with as_role(shop, "grapevine_shops") as connection:
        for table in ("shop", "api_key", "key_lookup", "customer", "audit_entry", "audit_head"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT * FROM {table}".encode())


def test_only_a_hash_of_a_key_is_stored(shop: ShopWorld) -> None:
    created = shop.world.call(container(shop).create_key(), NewKey(shop_id=shop.shop_id, label="x"))
    for table in ("api_key", "key_lookup", "audit_entry", "outbox"):
        rows = str(shop.world.sql(f"SELECT * FROM shops.{table} WHERE shop_id = %s", shop.shop_id))
        assert created.secret not in rows
        assert created.secret[8:-4] not in rows


def test_a_key_made_with_an_idempotency_key_is_not_kept(shop: ShopWorld) -> None:
    headers = shop.headers | {"Idempotency-Key": "make-a-key"}
    answer = shop.client.post("/api/v1/keys", json={"label": "x", "scopes": ["shops:read"]}, headers=headers)
    assert answer.status_code == 201
    query = "SELECT count(*) FROM shops.idempotency_key WHERE shop_id = %s"
    assert shop.world.sql(query, shop.shop_id) == [(0,)]


def test_an_idempotency_key_identifies_a_customer_once(shop: ShopWorld) -> None:
    headers = shop.headers | {"Idempotency-Key": "ada"}
    body = {"reference": "1", "email": "ada@example.com"}
    answers = [shop.client.post("/api/v1/customers", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/shop", {"title": "a\0b"}),
        ("PATCH", "/shop", {"title": None}),
        ("PATCH", "/shop", {"slug": "other"}),
        ("PATCH", "/shop", {"locales": []}),
        ("PATCH", "/shop", {"time_zone": "../../etc/passwd"}),
        ("POST", "/shop/clock", {"days": 10**30}),
        ("POST", "/shop/clock", {"days": 1.5}),
        ("POST", "/shop/clock", {"days": -1}),
        ("POST", "/keys", {"label": "x", "scopes": ["shops:admin"]}),
        ("POST", "/keys", {"label": "x", "scopes": []}),
        ("POST", "/keys", {"label": "x", "kind": "publishable", "scopes": ["shops:read"]}),
        ("POST", "/keys", {"label": "\u2028", "scopes": ["shops:read"]}),
        ("POST", "/customers", {}),
        ("POST", "/customers", {"email": "a\0@example.com"}),
        ("POST", "/customers", {"reference": " "}),
        ("GET", "/keys?cursor=xx", None),
        ("GET", "/keys?cursor=WyJrZXlfWFgiXQ", None),
        ("GET", "/keys?limit=1000", None),
        ("GET", "/audit-log?cursor=WyJ4Il0", None),
        ("GET", "/audit-log?cursor=Wy0xXQ", None),
        ("GET", "/audit-log?cursor=WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ", None),
        ("GET", "/customers/cus_00000000000000000000000000", None),
        ("GET", "/customers/%00", None),
        ("DELETE", "/keys/key_1", None),
        ("DELETE", "/keys/key_00000000000000000000000000", None),
    ],
)
def test_bad_input_is_refused_clearly(shop: ShopWorld, method: str, path: str, body: Any) -> None:
    answer = shop.client.request(method, f"/api/v1{path}", json=body, headers=shop.headers)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"]


@pytest.mark.parametrize("etag", ['"0"', '"x"', "1", 'W/"7"', "²", "9" * 50, '"-1"'])
def test_any_if_match_is_understood_or_refused(shop: ShopWorld, etag: str) -> None:
    headers = [(name.encode(), value.encode()) for name, value in shop.headers.items()]
    headers.append((b"if-match", etag.encode("latin-1")))
    answer = shop.client.patch("/api/v1/shop", json={"title": "New"}, headers=headers)
    assert answer.status_code == (200 if etag == "1" else 412)


def test_too_many_keys_are_refused(shop: ShopWorld) -> None:
    create = container(shop).create_key()

    async def fill() -> None:
        for number in range(101):
            await create(NewKey(shop_id=shop.shop_id, label=f"key {number}"))

    with pytest.raises(DomainError) as caught:
        shop.world.call(fill)
    assert caught.value.code == "too_many_keys"
    keys: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = shop.client.get(f"/api/v1/keys?limit=30{cursor}", headers=shop.headers).json()
        keys += [key["id"] for key in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert len(keys) == len(set(keys)) == 100


def test_a_warm_request_asks_for_nothing_but_its_answer(
    shop: ShopWorld, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    """The beginning of the shop's transaction with its facts (sent together), the answer's statement, the end."""
    shop.client.get("/api/v1/shop", headers=shop.headers)
    for path in ("/shop", "/keys", "/audit-log"):
        asked = []
        for _ in range(3):
            with statements() as sent:
                assert shop.client.get(f"/api/v1{path}", headers=shop.headers).status_code == 200
            assert not [statement for statement in sent if "key_lookup" in statement]
            asked.append(sent)
        # The worker of the same context asks too, now and then, beside one of them.
        assert len(min(asked, key=len)) == 5, asked


def test_an_entry_that_was_tampered_with_is_still_shown(shop: ShopWorld) -> None:
    sql = shop.world.sql
    sql("ALTER TABLE shops.audit_entry DISABLE TRIGGER append_only")
    forged = (
        "UPDATE shops.audit_entry SET action = 'x', subject = 'y', details = '[' WHERE shop_id = %s AND position = 1"
    )
    sql(forged, shop.shop_id)
    sql("ALTER TABLE shops.audit_entry ENABLE TRIGGER append_only")
    first = shop.client.get("/api/v1/audit-log", headers=shop.headers).json()["items"][-1]
    assert (first["action"], first["subject"], first["details"]) == ("x", "y", {"unreadable": "["})
    verdict = shop.client.get("/api/v1/audit-log/verification", headers=shop.headers).json()
    assert (verdict["intact"], verdict["broken_at"], verdict["entries"]) == (False, 1, 0)
