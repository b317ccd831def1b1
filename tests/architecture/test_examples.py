"""The journey with the bodies that the OpenAPI document shows; only what earlier answers gave is put in."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from adapters.host.examples import BODIES
from tests.architecture.operations import operations
from tests.support.world import ShopWorld, World

SHOWN: dict[str, dict[str, Any]] = {
    operation.name: operation.document["requestBody"]["content"]["application/json"]["example"]
    for operation in operations()
    if operation.name in BODIES
}


def post(shop: ShopWorld, path: str, operation: str = "", **known: str | list[str]) -> Any:
    body = SHOWN[operation] | known if operation else None
    headers = shop.headers | {"idempotency-key": path}
    answer = shop.client.post(f"/api/v1{path}", json=body, headers=headers)
    assert answer.status_code < 300, f"{operation}: {answer.text}"
    return answer.json()


def credited(shop: ShopWorld, order_id: str) -> Any:
    answer = shop.client.get(f"/api/v1/orders/{order_id}", headers=shop.headers).json()
    return answer["attribution"]["advocate_id"]


def test_the_bodies_that_are_shown_are_taken_as_they_stand(world: World) -> None:
    assert set(SHOWN) == set(BODIES)
    shop = world.open_shop()
    programme = post(shop, "/programmes", "createProgramme")
    post(shop, f"/programmes/{programme['id']}/launch")
    advocate = post(shop, "/advocates", "enrolAdvocate", programme_id=programme["id"])
    claim = shop.eventually(partial(post, shop, "/claims", "claimDeal", advocate_code=advocate["code"]))
    now = datetime.now(UTC).isoformat()
    order = post(shop, "/orders", "reportOrder", coupon_codes=[claim["code"]], placed_at=now)
    shop.eventually(lambda: credited(shop, order["id"]) == advocate["id"])
    refunded = post(shop, f"/orders/{order['id']}/refunds", "reportRefund")
    assert refunded["final_base"] == {"amount_minor": 5000, "currency": "EUR"}
    assert post(shop, "/connections", "createConnection")["secret"].startswith("whsec_")
    assert post(shop, "/keys", "createKey")["scopes"] == ["referral:read", "tracking:write"]
