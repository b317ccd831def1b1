"""Steps about the audit log."""

from uuid import UUID, uuid4

from pytest_bdd import parsers, then, when

from tests.features.shops.office import Office

WORDS = {
    "the shop was changed": "shop.changed",
    "the clock was moved": "shop.clock_moved",
    "the key was revoked": "key.revoked",
    "a programme changed": "programme.changed",
}


@when("a programme goes live")
def programme_goes_live(office: Office) -> None:
    payload = {
        "programme_id": str(uuid4()),
        "revision": 3,
        "title": "Freunde werben",
        "kind": "refer_a_friend",
        "state": "live",
        "terms": None,
    }
    event_id = office.shop.tell("shops", "referral.programme_changed", payload)
    office.fact = (str(event_id), payload)


@when(parsers.parse("Nora reads the audit log {size:d} entries at a time"))
def read_in_pages(office: Office, size: int) -> None:
    office.entries = []
    cursor: str | None = ""
    while cursor is not None:
        page = office.get(f"/audit-log?limit={size}" + (f"&cursor={cursor}" if cursor else ""))
        assert len(page["items"]) <= size
        office.entries += page["items"]
        cursor = page["next_cursor"]


@when(parsers.parse("somebody with power over the database changes entry {place:d}"))
def tamper(office: Office, place: int) -> None:
    _past_the_trigger(office, "UPDATE shops.audit_entry SET details = '{}' WHERE shop_id = %s AND position = %s", place)


@when(parsers.parse("somebody with power over the database removes entry {place:d}"))
def remove(office: Office, place: int) -> None:
    _past_the_trigger(office, "DELETE FROM shops.audit_entry WHERE shop_id = %s AND position = %s", place)


@when("somebody with power over the database removes the newest entry")
def cut_off(office: Office) -> None:
    remove(office, office.get("/audit-log?limit=1")["items"][0]["position"])


def _past_the_trigger(office: Office, statement: str, place: int) -> None:
    sql = office.shop.world.sql
    sql("ALTER TABLE shops.audit_entry DISABLE TRIGGER append_only")
    sql(statement, office.shop.shop_id, place)
    sql("ALTER TABLE shops.audit_entry ENABLE TRIGGER append_only")


@then(parsers.re(r"the audit log says that (?P<what>the shop was changed|the clock was moved|the key was revoked)"))
@then(parsers.re(r"the audit log says that (?P<what>a programme changed)"))
def says(office: Office, what: str) -> None:
    assert WORDS[what] in office.actions()


@then("the audit log says that a customer was erased, and names nobody")
def says_erased(office: Office) -> None:
    newest = office.get("/audit-log?limit=1")["items"][0]
    assert newest["action"] == "customer.erased"
    assert newest["subject"] == office.customers[0]["id"]
    assert "ada" not in str(newest).lower()


@then(parsers.parse("the audit log says, newest first: {first}, {second}"))
def says_in_order(office: Office, first: str, second: str) -> None:
    assert office.actions()[:2] == [WORDS[first], WORDS[second]]


@then("the audit log is intact")
def intact(office: Office) -> None:
    verdict = office.get("/audit-log/verification")
    assert verdict["intact"] is True
    assert verdict["broken_at"] is None
    assert verdict["entries"] == len(office.actions())


@then("telling it again adds nothing")
def told_again(office: Office) -> None:
    assert office.fact is not None
    before = office.actions()
    event_id, payload = office.fact
    office.shop.tell("shops", "referral.programme_changed", payload, event_id=UUID(event_id))
    assert office.actions() == before
    intact(office)


@then("she reads every entry once, newest first")
def read_once(office: Office) -> None:
    positions = [int(entry["position"]) for entry in office.entries]
    assert positions == list(range(len(positions), 0, -1))
    assert len(positions) >= 7


@then(parsers.parse("the audit log is broken at entry {place:d}"))
def broken(office: Office, place: int) -> None:
    verdict = office.get("/audit-log/verification")
    assert (verdict["intact"], verdict["broken_at"], verdict["entries"]) == (False, place, place - 1)


@then("the audit log is broken at that entry")
def broken_at_the_end(office: Office) -> None:
    newest = office.get("/audit-log?limit=1")["items"][0]["position"]
    broken(office, newest + 1)
