"""Steps about connections, secrets and messages that are refused."""

import json
from typing import Any

from pytest_bdd import given, parsers, then, when

from tests.features.tracking.shopfront import SECRET, Shopfront

NEW_SECRET = "shpss_another0secret0altogether"


@given("the shop's Shopify is connected")
def connected(front: Shopfront) -> None:
    front.connect()


@given("the shop's own webshop is connected")
def own_connected(front: Shopfront) -> None:
    front.connect_own()


@given("the merchant gave a new secret")
def rotate(front: Shopfront) -> None:
    answer = front.api("POST", f"/connections/{front.connection['id']}/secrets", json={"secret": NEW_SECRET})
    assert answer.status_code == 201, answer.text
    assert answer.json()["valid_secrets"] == 2


@when("the merchant drops the old secret")
def drop(front: Shopfront) -> None:
    answer = front.api("DELETE", f"/connections/{front.connection['id']}/secrets/old")
    assert answer.status_code == 204, answer.text


@when(parsers.parse("Shopify reports an order signed with the {which} secret"))
def signed_with(front: Shopfront, which: str) -> None:
    secret = NEW_SECRET if which == "new" else SECRET
    front.shop.eventually(lambda: _accepted(front, front.order("Ben"), secret))


def _accepted(front: Shopfront, payload: dict[str, Any], secret: str) -> bool:

    return bool(front.post_shopify("orders/create", json.dumps(payload).encode(), secret=secret).status_code == 200)


@when("somebody reports an order with a wrong signature")
def forged(front: Shopfront) -> None:
    front.post_shopify("orders/create", b'{"id": 1}', secret="not the secret at all")


@when("Shopify sends a message of 2 megabytes")
def oversized(front: Shopfront) -> None:
    front.post_shopify("orders/create", b" " * 2_097_152)


@when("somebody reports an order to an address that nobody has")
def to_nobody(front: Shopfront) -> None:
    front.connection = {"webhook_url": "http://x/webhooks/shopify/con_01k9z7d2m8f3rt5wq6x7y8z9ab"}
    front.post_shopify("orders/create", b"{}")


@when(parsers.parse('Shopify reports something about "{topic}"'))
def other_topic(front: Shopfront, topic: str) -> None:
    front.report(topic, {"id": 706405506930370084, "email": "bob@biller.com"})


@then("the connection shows its address and no secret")
def no_secret(front: Shopfront) -> None:
    assert front.connection["secret"] is None
    shown = front.get(f"/connections/{front.connection['id']}")
    assert shown["webhook_url"] == f"http://testserver.local/webhooks/shopify/{shown['id']}"
    assert SECRET not in str(shown) + str(front.get("/connections"))


@then("the message is refused")
def refused(front: Shopfront) -> None:
    assert front.answer.status_code in {401, 404, 413}, front.answer.text
    assert front.answer.json()["code"] in {
        "signature_invalid",
        "timestamp_out_of_tolerance",
        "unknown_connection",
        "body_too_large",
    }
    query = "SELECT count(*) FROM tracking.webhook_delivery WHERE shop_id = %s"
    assert front.shop.world.sql(query, front.shop.shop_id) == [(0,)]


@then("the message is taken and kept as unhandled")
def unhandled(front: Shopfront) -> None:
    assert front.answer.status_code == 200
    path = f"/connections/{front.connection['id']}"
    front.shop.eventually(lambda: front.get(path)["health"]["unhandled"] == 1)


@then("a message signed with the old secret is refused after a moment")
def old_refused(front: Shopfront) -> None:
    front.shop.eventually(lambda: not _accepted(front, front.order("Ben"), SECRET))


@then("the connection shows when the last message arrived")
def last_message(front: Shopfront) -> None:
    path = f"/connections/{front.connection['id']}"
    front.shop.eventually(lambda: front.get(path)["health"]["last_delivery_at"])
