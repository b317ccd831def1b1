"""Steps about rewards, the ledger, the statement and mails."""

from typing import Any
from urllib.parse import urlsplit

from pytest_bdd import parsers, then

from tests.features.journeys.nordlicht import Nordlicht


def _minor(amount: str) -> int:
    return int(amount.replace(".", ""))


def _is(nordlicht: Nordlicht, name: str, amount: str, state: str, reason: str, within: float) -> None:
    wanted = (_minor(amount), state, reason)

    def now() -> bool:
        reward = nordlicht.reward(name)
        seen = (reward["amount"]["amount_minor"], reward["state"], reward["reason"]["sentence"])
        assert seen == wanted
        return True

    nordlicht.shop.eventually(now, within=within)


@then(parsers.parse('within a second {name} has €{amount} pending, because "{reason}"'))
def at_once(nordlicht: Nordlicht, name: str, amount: str, reason: str) -> None:
    _is(nordlicht, name, amount, "pending", reason, within=1.0)


@then(parsers.re(r'(?P<name>Ada|Ben) has €(?P<amount>[\d.]+) (?P<state>pending|issued), because "(?P<reason>.+)"'))
def has(nordlicht: Nordlicht, name: str, amount: str, state: str, reason: str) -> None:
    _is(nordlicht, name, amount, state, reason, within=10.0)


@then(parsers.parse('{name} has nothing, because "{reason}"'))
def has_nothing(nordlicht: Nordlicht, name: str, reason: str) -> None:
    _is(nordlicht, name, "0.00", "reversed", reason, within=10.0)


@then(parsers.parse("there are {count:d} rewards in all"))
def count_rewards(nordlicht: Nordlicht, count: int) -> None:
    assert len(nordlicht.rewards()) == count


@then(parsers.parse("Ada's credit is €{amount}"))
def credit(nordlicht: Nordlicht, amount: str) -> None:
    accounts: list[Any] = nordlicht.get(f"/ledger/accounts?customer_id={nordlicht.ada['customer_id']}")["items"]
    assert sum(one["balance"]["amount_minor"] for one in accounts if one["account"] == "credit") == _minor(amount)


@then("the books sum to zero")
def books(nordlicht: Nordlicht) -> None:
    balances = [one["balance"]["amount_minor"] for one in nordlicht.get("/ledger/accounts")["items"]]
    assert balances
    assert sum(balances) == 0


@then(parsers.parse('Ada reads "{amount}" and why on her statement'))
def statement(nordlicht: Nordlicht, amount: str) -> None:
    path = urlsplit(nordlicht.ada["statement_url"]).path
    page = nordlicht.shop.client.get(path, headers={"accept-language": "de"}).text.replace("\u00a0", " ")
    assert amount in page
    assert "100,00 €" in page


@then(parsers.parse('Ada gets the mail "{subject}"'))
def mail(nordlicht: Nordlicht, subject: str) -> None:
    def there() -> bool:
        seen = [one.replace("\u00a0", " ") for one in nordlicht.mails(nordlicht.address("Ada"))]
        assert subject in seen, seen
        return True

    nordlicht.shop.eventually(there, within=15)
