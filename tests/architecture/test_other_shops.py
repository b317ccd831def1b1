"""No key reaches another shop: every route of the OpenAPI document, called with ids of a shop that is not the key's."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.architecture.lived_in import BODIES, LivedIn, filled
from tests.architecture.operations import Operation, operations
from tests.support.world import ALL_SCOPES, ShopWorld, World

KEYED = [operation for operation in operations() if not operation.public]
HARMLESS = {"now", "claim_code"}
"""What a body may name without naming something of another shop: a coupon code is any text."""


@pytest.fixture(scope="module")
def ada(world: World) -> LivedIn:
    """The shop whose things are asked for."""
    lived = LivedIn(world.open_shop())
    lived.live()
    return lived


@pytest.fixture(scope="module")
def stranger(world: World) -> ShopWorld:
    """The shop that asks."""
    return world.open_shop(title="Sudsee")


def name_of(operation: Operation, parameter: str) -> str:
    """What the lived-in shop calls a parameter's value."""
    if parameter == "code":
        return "invite_code" if "invites" in operation.path else "advocate_code"
    return parameter


def call(shop: ShopWorld, operation: Operation, known: dict[str, str], key: str, query: dict[str, str]) -> Any:
    values = {parameter: known[name_of(operation, parameter)] for parameter in operation.parameters("path")}
    body = filled(BODIES[operation.name], known) if "requestBody" in operation.document else None
    return shop.client.request(
        operation.method,
        operation.path.format(**values),
        params=query,
        **({"content": body} if isinstance(body, str) else {"json": body}),
        headers={"idempotency-key": uuid4().hex} | ({"authorization": f"Bearer {key}"} if key else {}),
    )


def ids_in(operation: Operation, known: dict[str, str]) -> dict[str, str]:
    """The query parameters that name something of the lived-in shop."""
    return {p: known[name_of(operation, p)] for p in operation.parameters("query") if name_of(operation, p) in known}


def required_query(operation: Operation) -> bool:
    return any(p["in"] == "query" and p.get("required") for p in operation.document.get("parameters", []))


def names_in_body(operation: Operation) -> set[str]:
    template = json.dumps(BODIES.get(operation.name, {}))
    return {name for name in LivedInNames if f"{{{name}}}" in template} - HARMLESS


LivedInNames = {
    "customer_id", "key_id", "programme_id", "advocate_id", "advocate_code", "claim_id", "claim_code", "order_id",
    "reward_id", "referral_id", "invite_code", "connection_id", "link_id", "address_hash", "domain_id", "now",
    "upload_id", "delivery_id", "replay_id", "version",
}  # fmt: skip


def test_there_is_something_of_every_kind(ada: LivedIn) -> None:
    assert set(ada.known) == LivedInNames
    wanted = {name_of(operation, p) for operation in KEYED for p in operation.parameters("path")}
    assert wanted <= LivedInNames - HARMLESS, "live through what makes the new id, so that strangers can ask for it"
    assert {o.name for o in KEYED if "requestBody" in o.document} == set(BODIES)


def test_a_stranger_finds_nothing_and_changes_nothing(ada: LivedIn, stranger: ShopWorld) -> None:
    before = everything(ada)
    wrong = []
    for operation in KEYED:
        addressed = bool(operation.parameters("path")) or bool(names_in_body(operation))
        queries = [{name: value} for name, value in ids_in(operation, ada.known).items()]
        for query in queries if required_query(operation) else [{}, *queries]:
            answer = call(stranger, operation, ada.known, stranger.key, query)
            allowed = {403, 404} if addressed else {200, 201, 202, 403, 404, 409}
            empty = not query or answer.status_code != 200 or not answer.json().get("items")
            if answer.status_code not in allowed or not empty or leaked(answer.text, ada.known, query):
                wrong.append(f"{operation.name} {query}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []
    assert everything(ada) == before


def leaked(text: str, known: dict[str, str], query: dict[str, str]) -> list[str]:
    """What an answer tells of the lived-in shop, beyond what the question named."""
    ids = {name for name in known if name.endswith("_id") or name.endswith("_hash")}
    return [name for name in ids if known[name] in text and known[name] not in query.values()]


MOVING = {"now", "about", "as_of", "minutes"}
"""What differs from one moment to the next."""


def everything(ada: LivedIn) -> dict[str, Any]:
    """All that the shop's own key can read, but what moves with the time of day."""
    read = {}
    for operation in KEYED:
        if operation.method == "GET":
            query = ids_in(operation, ada.known) if required_query(operation) else {}
            answer = call(ada.shop, operation, ada.known, ada.shop.key, query)
            is_json = "json" in answer.headers["content-type"]
            found = answer.json() if is_json else {"bytes": answer.content}
            read[operation.name] = {name: value for name, value in found.items() if name not in MOVING}
    return read


def test_the_shops_own_key_finds_it_all(ada: LivedIn) -> None:
    """The control: the same calls succeed for the shop itself, so a stranger's 404 is not a mistake in the call."""
    wrong = []
    for operation in KEYED:
        if operation.method == "GET":
            answer = call(ada.shop, operation, ada.known, ada.shop.key, ids_in(operation, ada.known))
            if answer.status_code != 200:
                wrong.append(f"{operation.name}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []


@pytest.mark.parametrize("key", ["", "gv_live_made-up", "x" * 500])
def test_nothing_answers_without_a_key(key: str, ada: LivedIn) -> None:
    answers = {o.name: call(ada.shop, o, ada.known, key, {}).status_code for o in KEYED}
    assert {name: status for name, status in answers.items() if status != 401} == {}


def test_nothing_answers_without_the_scope(ada: LivedIn) -> None:
    wrong = []
    contexts = sorted({operation.tag for operation in KEYED})
    without = {tag: ada.shop.new_key(*(s for s in ALL_SCOPES if not s.startswith(tag))) for tag in contexts}
    reading = {tag: ada.shop.new_key(f"{tag}:read") for tag in contexts}
    publishable = ada.shop.new_key(kind="publishable")
    for operation in KEYED:
        keys = {"no scope of the context": without[operation.tag], "publishable": publishable}
        if operation.method != "GET":
            keys["reading only"] = reading[operation.tag]
        for what, key in keys.items():
            answer = call(ada.shop, operation, ada.known, key, {})
            if answer.status_code != 403:
                wrong.append(f"{operation.name} with {what}: {answer.status_code} {answer.text[:120]}")
    assert wrong == []


def _last(operation: Operation) -> tuple[bool, bool, int]:
    """What ends something comes last; what belongs to something ends before it."""
    removes = operation.method == "DELETE"
    return removes, operation.path.endswith("/end"), -operation.path.count("/") if removes else 0


def test_the_shops_own_key_may_change_it_all(ada: LivedIn) -> None:
    """The control for changes. Runs last, because afterwards little is left."""
    last = sorted(KEYED, key=_last)
    wrong = []
    for operation in last:
        if operation.method != "GET":
            answer = call(ada.shop, operation, ada.known, ada.shop.key, {})
            if answer.status_code not in {200, 201, 202, 204, 409}:
                wrong.append(f"{operation.name}: {answer.status_code} {answer.text[:200]}")
    assert wrong == []
