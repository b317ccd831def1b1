"""A problem document names the field that is wrong."""

from typing import Any

import pytest

from tests.support.world import ShopWorld


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"country": "DE", "brand": {"colour": 7}}, "/brand/colour"),
        ({"locales": ["de", 5]}, "/locales"),
        ({"no_such_field": 1}, "/no_such_field"),
        ({"brand": {"no_such_field": 1}}, "/brand/no_such_field"),
        ({"title": "x" * 500}, "/title"),
        ([], ""),
    ],
)
def test_the_field_is_named(shop: ShopWorld, body: Any, pointer: str) -> None:
    answer = shop.client.patch("/api/v1/shop", json=body, headers=shop.headers | {"if-match": '"1"'})
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert problem["code"] == "invalid_request"
    assert problem["errors"][0]["pointer"].startswith(pointer), problem
    assert problem["errors"][0]["detail"]


def test_a_parameter_is_named_as_the_address_has_it(shop: ShopWorld) -> None:
    answer = shop.client.get("/api/v1/reports/funnel?from=2026-02-30&to=x", headers=shop.headers)
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/from", "/to"]


def test_a_body_nested_absurdly_deep_is_refused(shop: ShopWorld) -> None:
    body = b'{"label":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = shop.client.post("/api/v1/keys", content=body, headers=shop.headers | {"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"label": "a\\u0000b", "scopes": []}', "/label"),
        (b'{"label": "half \\ud83d", "scopes": []}', "/label"),
        (b'{"label": "Import", "scopes": ["shops:read", "\xff"]}', "/scopes/1"),
        (b'{"scopes": {"a/b~c": "\\ud83d"}}', "/scopes/a~1b~0c"),
        (b'{"scopes": {"\\u0000": 1}}', "/scopes"),
        (b'"\\u0000"', ""),
    ],
)
def test_the_text_that_no_database_holds_is_named(shop: ShopWorld, body: bytes, pointer: str) -> None:
    problem = posted(shop, body, 422)
    assert problem["code"] == "unstorable_input"
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [(pointer, "unstorable_input")]


def test_an_escaped_backslash_is_no_nul(shop: ShopWorld) -> None:
    assert posted(shop, b'{"label": "C:\\\\u0000", "scopes": ["shops:read"]}', 201)["label"] == "C:\\u0000"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"label": "Import",\n  "scopes" ["a"]}', "Line 2, column 12"),
        (b'{"label": ', "Line 1, column 11"),
        (b'{"label": "Import"}}', "Line 1, column 20"),
        (b'{"label": ' + b"1" * 5000 + b"}", "out of range"),
        (b'{"label": NaN}', "byte 10"),
        (b'{"label":' + b"[" * 100_000, "nested too deep"),
    ],
)
def test_broken_json_says_where_it_breaks(shop: ShopWorld, body: bytes, said: str) -> None:
    problem = posted(shop, body, 400)
    assert problem["code"] == "malformed_request"
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [("", "malformed_request")]
    assert said in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/api/v1/shop/clock", {"days": "1"}, "/days"),
        ("/api/v1/shop/clock", {"days": True}, "/days"),
        ("/api/v1/invites", {"seats": 1, "expires_at": 1_800_000_000, "campaign": "Fair"}, "/expires_at"),
        ("/api/v1/invites", {"seats": 1, "expires_at": "2030-01-01T00:00:00Z", "valid_from": "null"}, "/valid_from"),
        ("/api/v1/customers", {"email": 1}, "/email"),
    ],
)
def test_a_value_is_of_the_kind_that_is_documented(shop: ShopWorld, path: str, body: Any, pointer: str) -> None:
    answer = shop.client.post(path, json=body, headers=shop.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_a_missing_body_is_said_in_words(shop: ShopWorld) -> None:
    assert posted(shop, b"", 400)["errors"] == [{"pointer": "", "detail": "A body is missing.", "code": "invalid"}]


def posted(shop: ShopWorld, body: bytes, status: int) -> Any:
    answer = shop.client.post("/api/v1/keys", content=body, headers=shop.headers | {"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_missing_field_is_named(shop: ShopWorld) -> None:
    answer = shop.client.post("/api/v1/keys", json={}, headers=shop.headers)
    assert answer.json()["errors"][0]["pointer"] == "/label"


def test_a_query_parameter_is_named(shop: ShopWorld) -> None:
    answer = shop.client.get("/api/v1/keys?limit=banana", headers=shop.headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/limit"


def test_a_query_parameter_that_no_database_holds_is_named(shop: ShopWorld) -> None:
    answer = shop.client.get("/api/v1/orders?limit=5&order_id=a%00b", headers=shop.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "unstorable_input")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/order_id"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/api/v1/nothing", 404, "not_found"), ("/api/v1/keys/key_nonsense", 404, "unknown_id")],
)
def test_what_is_not_there_says_so(shop: ShopWorld, path: str, status: int, code: str) -> None:
    answer = shop.client.delete(path, headers=shop.headers)
    assert answer.status_code in {status, 405}
    assert answer.json()["code"] in {code, "method_not_allowed"}
    assert answer.json()["request_id"]


def test_the_request_id_is_on_the_answer(shop: ShopWorld) -> None:
    answer = shop.client.get("/api/v1/shop", headers={"x-request-id": "proxy-12345678"})
    assert answer.headers["x-request-id"] == "proxy-12345678"
    assert answer.json()["request_id"] == "proxy-12345678"
    odd = shop.client.get("/api/v1/shop", headers={"x-request-id": "<script>"})
    assert odd.headers["x-request-id"] != "<script>"


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/v1/keys", {"label": "Till", "kind": "sekret"}, "This must be one of publishable, secret."),
        ("/api/v1/keys", {"label": 5}, "This must be a text, and is a whole number."),
        ("/api/v1/keys", {}, "`label` is missing."),
        ("/api/v1/keys", {"label": "Till", "scope": []}, "There is no field `scope` here."),
        ("/api/v1/keys", {"label": ""}, "This must not be empty."),
        ("/api/v1/keys", [], "This must be an object, and is a list."),
        ("/api/v1/links", {"destination": "x", "expires_at": "soon"},
         "This must be a time with its offset, such as 2026-11-22T10:00:00Z."),
        ("/api/v1/links", {"destination": "x", "expires_at": "2026-12-01T00:00:00"},
         "The time lacks its offset: write 2026-11-22T10:00:00Z, or +01:00 in the place of Z."),
        ("/api/v1/links", {"destination": "x", "rules": [{"destination": "x", "countries": ["Germany"]}]},
         "This must look like DE."),
        ("/api/v1/invites", {"seats": 0, "expires_at": "2030-01-01T00:00:00Z"}, "This must be at least 1."),
        ("/api/v1/customers", {"email": "a"}, "This must have at least 3 characters."),
        ("/api/v1/shares", {"advocate_id": "adv_1", "channel": "email", "locale": "xx"},
         "This must be one of de, nl, fr, it, da, fi, nb, sv, en."),
        ("/api/v1/customers", {"reference": "a\nb"},
         "This holds a character that cannot stand here, such as a line break, or none that can be seen."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(shop: ShopWorld, path: str, body: Any, said: str) -> None:
    answer = shop.client.post(path, json=body, headers=shop.headers)
    assert answer.status_code == 400, answer.text
    assert [fault["detail"] for fault in answer.json()["errors"]] == [said]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("grain=minute", "This must be one of day, hour, week."),
        ("from=yesterday", "This must be a day, such as 2026-11-22."),
    ],
)
def test_what_a_parameter_may_be_is_said(shop: ShopWorld, asked: str, said: str) -> None:
    answer = shop.client.get(f"/api/v1/reports/series?{asked}", headers=shop.headers)
    assert [fault["detail"] for fault in answer.json()["errors"]] == [said]


def test_a_parameter_that_nobody_knows_is_refused(shop: ShopWorld) -> None:
    """Else a report would answer with the figures of everything."""
    answer = shop.client.get("/api/v1/reports/funnel?chanel=email&since=2026-01-01&a%2Fb=", headers=shop.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    faults = answer.json()["errors"]
    assert [fault["pointer"] for fault in faults] == ["/a~1b", "/chanel", "/since"]
    assert {fault["code"] for fault in faults} == {"unknown_parameter"}
    assert "Is `channel` meant?" in faults[1]["detail"]
    assert "from" in faults[2]["detail"]


def test_a_parameter_of_an_address_without_any_is_refused(shop: ShopWorld) -> None:
    answer = shop.client.get("/api/v1/shop?verbose=1", headers=shop.headers)
    assert [fault["detail"] for fault in answer.json()["errors"]] == ["This address takes no parameters."]


def test_whoever_may_not_ask_is_not_told_what_can_be_asked(shop: ShopWorld) -> None:
    assert shop.client.get("/api/v1/shop?verbose=1").status_code == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [("/d/nobody/NOBODY", 404), ("/s/nobody", 404), ("/u/nobody", 404), ("/qr/NOBODY.svg", 404), ("/l/NOBODY", 404),
     ("/health/live", 200), ("/docs", 200), ("/tag/manifest.json", 200), ("/tag/grapevine.js", 200)],
)  # fmt: skip
def test_what_people_open_takes_whatever_stands_in_its_address(shop: ShopWorld, path: str, status: int) -> None:
    """Mail programs, ad networks and platforms add to addresses; so does a proxy that passes somebody's key on."""
    for headers in ({}, shop.headers):
        asked = f"{path}?utm_source=mail&fbclid=x&gclid=&q&q=%ED%A0%80&%FF=1&a=b;c"
        answer = shop.client.get(asked, headers=headers, follow_redirects=False)
        assert (answer.status_code, "unknown_parameter" in answer.text) == (status, False), answer.text


def test_a_platform_may_add_to_the_address_of_its_webhook(shop: ShopWorld) -> None:
    plain, longer = (
        shop.client.post(f"/webhooks/shopify{more}", content=b"{}").json()["code"]
        for more in ("", "?topic=x&utm_source=y")
    )
    assert plain == longer


def test_a_preflight_is_answered_whatever_is_asked(shop: ShopWorld) -> None:
    assert shop.client.options("/api/v1/shop?verbose=1").status_code == 204


def test_parameters_of_any_bytes_and_number_are_refused_in_few_words(shop: ShopWorld) -> None:
    odd = "&".join(["%ED%A0%80=1", "%FF=1", "%00", *(f"p{number}=1" for number in range(2_000))])
    answer = shop.client.get(f"/api/v1/shop?{odd}", headers=shop.headers)
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 20)


def test_a_wrong_method_says_where_the_right_ones_stand(shop: ShopWorld) -> None:
    answer = shop.client.put("/api/v1/orders", headers=shop.headers)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "Allow" in answer.json()["detail"]
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("header", [None, "", "Basic Z3Y6", "gv_live_x", "Bearer", "Bearer "])
def test_who_sends_no_key_reads_how_to_send_one(shop: ShopWorld, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = shop.client.get("/api/v1/shop", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert "Authorization: Bearer gv_" in answer.json()["detail"]
