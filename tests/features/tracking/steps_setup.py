"""Steps about setting connections up, how they are doing, and messages that were given up."""

import json
from typing import Any

from pytest_bdd import given, parsers, then, when

from tests.features.tracking.shopfront import Shopfront


def connection_state(front: Shopfront) -> dict[str, Any]:
    return front.get(f"/connections/{front.connection['id']}")


def post_shopify(front: Shopfront) -> int:
    body = json.dumps(front.order("Ben")).encode()
    return int(front.post_shopify("orders/create", body).status_code)


def connect_kind(front: Shopfront, kind: str) -> None:
    answer = front.api("POST", "/connections", json={"kind": kind, "title": "Ours"})
    assert answer.status_code == 201, answer.text
    front.connection = answer.json()


@when("the shop connects its WooCommerce")
def connect_woocommerce(front: Shopfront) -> None:
    connect_kind(front, "woocommerce")


@when("the shop connects its Stripe without a secret")
def connect_stripe(front: Shopfront) -> None:
    connect_kind(front, "stripe")


@then("it is told where to paste the address and the secret, and which messages to choose")
def setup_told(front: Shopfront) -> None:
    steps = front.connection["setup"]
    paste = {entry["name"]: entry["value"] for step in steps for entry in step["paste"]}
    assert "WooCommerce" in steps[0]["text"]
    assert paste["Delivery URL"] == front.connection["webhook_url"]
    assert paste["Secret"] == front.connection["secret"]
    assert "Order created" in [topic for step in steps for topic in step["topics"]]
    assert steps[-1]["done"] is False


@then("the secret is shown this once")
def shown_once(front: Shopfront) -> None:
    again = front.shop.client.get(f"/api/v1/connections/{front.connection['id']}", headers=front.shop.headers)
    assert front.connection["secret"]
    assert front.connection["secret"] not in again.text


@then(parsers.re(r"the connection is (?P<wanted>\w+)$"))
def is_in_state(front: Shopfront, wanted: str) -> None:
    assert connection_state(front)["state"] == wanted


@then("the own webshop's connection is healthy and verified")
def setup_verified(front: Shopfront) -> None:
    front.connection = front.own

    def look() -> bool:
        found = connection_state(front)
        assert found["health"]["delivered"] == 1
        assert found["health"]["usual_lag_s"] is not None
        return bool(found["verified_at"]) and found["state"] == "healthy" and found["setup"][-1]["done"]

    front.shop.eventually(look)


@then(parsers.parse('the connection is failing because of "{code}"'))
def connection_failing(front: Shopfront, code: str) -> None:
    def look() -> bool:
        found = connection_state(front)
        assert [failure["code"] for failure in found["health"]["last_failures"]] == [code]
        assert found["health"]["refused"] == 1
        return bool(found["state"] == "failing")

    front.shop.eventually(look)


@then("nothing of the message is kept")
def nothing_kept(front: Shopfront) -> None:
    world, shop_id = front.shop.world, front.shop.shop_id
    assert world.sql("SELECT count(*) FROM tracking.webhook_delivery WHERE shop_id = %s", shop_id) == [(0,)]
    (kept,) = world.sql("SELECT failures::text FROM tracking.connection_health WHERE shop_id = %s", shop_id)
    (failure,) = json.loads(kept[0])
    assert set(failure) == {"at", "code"}


@then("the connection misses its secret")
def misses(front: Shopfront) -> None:
    found = connection_state(front)
    assert (found["state"], found["valid_secrets"]) == ("secret_missing", 0)
    (ask,) = [ask for step in found["setup"] for ask in step["tell"] if ask["required"]]
    assert (ask["name"], ask["given"]) == ("secret", False)


@when("the shop tells the secret that Stripe showed")
def tells(front: Shopfront) -> None:
    answer = front.api("POST", f"/connections/{front.connection['id']}/secrets", json={"secret": "whsec_0123456789ab"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["valid_secrets"], answer.json()["secret"]) == (1, None)


@when("the shop asks for a new secret and the answer is lost")
@when("the shop asks for a new secret again")
def ask_for_secret(front: Shopfront) -> None:
    front.api("POST", f"/connections/{front.own['id']}/secrets", json={})


@then("the shop is told that two secrets are valid")
def two_valid(front: Shopfront) -> None:
    assert (front.answer.status_code, front.answer.json()["code"]) == (409, "secrets_being_exchanged")


@then("the own webshop's messages are still taken")
def still_taken(front: Shopfront) -> None:
    answer = front.post_own({"type": "order.reported", "data": front.own_order("Ben")})
    assert answer.status_code == 200, answer.text


@when("the shop withdraws the new secret")
def withdraw_secret(front: Shopfront) -> None:
    answer = front.api("DELETE", f"/connections/{front.own['id']}/secrets/new")
    assert answer.status_code == 204, answer.text


@then("a new secret is shown")
def new_shown(front: Shopfront) -> None:
    assert front.answer.status_code == 201, front.answer.text
    assert front.answer.json()["secret"].startswith("whsec_")


@when(parsers.parse('the shop renames the connection to "{title}" and switches it off'))
def rename_connection(front: Shopfront, title: str) -> None:
    answer = front.api("PATCH", f"/connections/{front.connection['id']}", json={"title": title, "enabled": False})
    assert answer.status_code == 200, answer.text


@then(parsers.parse('the connection "{title}" is disabled'))
def connection_disabled(front: Shopfront, title: str) -> None:
    (found,) = front.get("/connections")["items"]
    assert (found["title"], found["state"]) == (title, "disabled")


@when("the shop switches the connection on")
def switch_on(front: Shopfront) -> None:
    front.api("PATCH", f"/connections/{front.connection['id']}", json={"enabled": True})


@then("a message of Shopify is refused after a moment")
def refused_soon(front: Shopfront) -> None:
    front.shop.eventually(lambda: post_shopify(front) in {403, 404})


@then("a message of Shopify is taken after a moment")
def taken_soon(front: Shopfront) -> None:
    front.shop.eventually(lambda: post_shopify(front) == 200)


@when("the shop removes the connection")
def remove_connection(front: Shopfront) -> None:
    assert front.api("DELETE", f"/connections/{front.connection['id']}").status_code == 204


@then("the shop has no connections")
def none_left(front: Shopfront) -> None:
    assert front.get("/connections")["items"] == []


@given("the own webshop reported an order in a currency that the shop does not trade in")
def reported_in_crowns(front: Shopfront) -> None:
    order = front.own_order("Ben")
    order["total"]["currency"] = order["lines"][0]["net"]["currency"] = "SEK"
    assert front.post_own({"type": "order.reported", "data": order}).status_code == 200
    front.settled()


@then("the shop sees that message, why it was given up, and what it said")
def sees_parked(front: Shopfront) -> None:
    (item,) = front.get("/parked-deliveries")["items"]
    assert (item["code"], item["connection_id"]) == ("currency_mismatch", front.own["id"])
    body = front.get(f"/parked-deliveries/{item['id']}")["body"]
    assert json.loads(body)["type"] == "order.reported"
    assert front.get(f"/connections/{front.own['id']}")["health"]["parked"] == 1


@when("the shop now trades in that currency and has the message tried again")
def parked_replayed(front: Shopfront) -> None:
    front.shop.details["currency"] = "SEK"
    front.shop.details["revision"] += 1
    front.shop._tell_all()
    (item,) = front.get("/parked-deliveries")["items"]
    answer = front.api("POST", f"/parked-deliveries/{item['id']}/replay")
    assert answer.json() == {"replayed": 1}
    front.settled()
    assert front.get("/parked-deliveries")["items"] == []
