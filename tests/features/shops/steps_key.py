"""Steps about API keys."""

from pytest_bdd import given, parsers, then, when

from tests.features.shops.office import Office

PURPOSES = {
    "read programmes": ["referral:read"],
    "read about the shop": ["shops:read"],
    "read and change the shop": ["shops:read", "shops:write"],
}


@given(parsers.parse('a key "{label}" that may only {purpose}'))
@when(parsers.parse('Nora makes a key "{label}" that may only {purpose}'))
def make(office: Office, label: str, purpose: str) -> None:
    made = office.done(office.ask("POST", "/keys", json={"label": label, "scopes": PURPOSES[purpose]}))
    office.secrets[label], office.key_ids[label] = made["secret"], made["id"]


@when(parsers.parse('Nora makes a key "{label}" for web pages'))
def make_publishable(office: Office, label: str) -> None:
    made = office.done(office.ask("POST", "/keys", json={"label": label, "kind": "publishable"}))
    office.secrets[label] = made["secret"]


@when(parsers.parse('somebody renames the shop with the key "{label}"'))
def rename_with(office: Office, label: str) -> None:
    office.ask("PATCH", "/shop", key=office.secrets[label], json={"title": "Mine now"})


@when(parsers.parse('somebody with the key "{label}" makes a key that may change programmes'))
def grant_more(office: Office, label: str) -> None:
    office.ask("POST", "/keys", key=office.secrets[label], json={"label": "More", "scopes": ["referral:write"]})


@when(parsers.parse('Nora revokes the key "{label}"'))
def revoke(office: Office, label: str) -> None:
    office.done(office.ask("DELETE", f"/keys/{office.key_ids[label]}"))


@when(parsers.parse('the people of "{title}" use their key'))
def use_neighbours_key(office: Office, title: str) -> None:
    assert office.neighbour is not None
    assert office.neighbour.details["title"] == title
    office.ask("GET", "/shop", key=office.neighbour.key)


@then("the key is shown to her once")
def shown(office: Office) -> None:
    secret = office.answer.json()["secret"]
    assert secret.startswith("gv_test_")
    kept = office.shop.world.sql(
        "SELECT count(*) FROM shops.idempotency_key WHERE position(%s::bytea IN body) > 0", secret.encode()
    )
    assert kept == [(0,)]


@then(parsers.parse('in the list the key "{label}" appears without its secret'))
def listed(office: Office, label: str) -> None:
    keys = {key["label"]: key for key in office.get("/keys")["items"]}
    assert label in keys
    assert "secret" not in keys[label]
    assert office.secrets[label] not in str(keys)


@given(parsers.parse('the key "{label}" is in use'))
def in_use(office: Office, label: str) -> None:
    office.done(office.ask("GET", "/shop", key=office.secrets[label]))


@then(parsers.parse('the key "{label}" opens nothing any more'))
def opens_nothing(office: Office, label: str) -> None:
    assert office.ask("GET", "/shop", key=office.secrets[label]).status_code == 401


@then(parsers.parse('the key "{label}" shows nobody the shop\'s details'))
def shows_nothing(office: Office, label: str) -> None:
    assert office.ask("GET", "/shop", key=office.secrets[label]).status_code == 403


@then(parsers.parse('they see only "{title}"'))
def see_only(office: Office, title: str) -> None:
    assert office.answer.json()["title"] == title
    assert office.neighbour is not None
    keys = office.get("/keys", key=office.neighbour.key)["items"]
    ours = {key["id"] for key in office.get("/keys")["items"]}
    assert not ours & {key["id"] for key in keys}
    assert office.ask("DELETE", f"/keys/{min(ours)}", key=office.neighbour.key).status_code == 404
