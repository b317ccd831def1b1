"""Steps about rewards, their history and the ledger."""

from uuid import UUID

from pytest_bdd import given, parsers, then, when

from adapters.shared.http.ids import to_wire
from tests.features.referral.desk import Desk, minor


@given(parsers.re(r"(?P<name>\w+)'s reward is €(?P<amount>[\d.]+) and (?P<state>\w+)"))
@then(parsers.re(r"(?P<name>\w+)'s reward is €(?P<amount>[\d.]+) and (?P<state>\w+)"))
def reward_is(desk: Desk, name: str, amount: str, state: str) -> None:
    def check() -> bool:
        reward = desk.reward_of(name)
        assert (reward["amount"]["amount_minor"], reward["state"]) == (minor(amount), state)
        return True

    desk.shop.eventually(check)


@then(parsers.parse('Ada is told why: "{sentence}"'))
def told_why(desk: Desk, sentence: str) -> None:
    details = desk.details("Ada")
    assert details["reason"]["sentence"] == sentence
    assert details["history"][-1]["reason"]["sentence"] == sentence
    assert all(check["passed"] for check in details["verdict"]["checks"])


@then(parsers.parse('the history of {name}\'s reward is "{changes}"'))
def history(desk: Desk, name: str, changes: str) -> None:
    steps = desk.details(name)["history"]
    assert [step["change"] for step in steps] == changes.split(", ")
    assert [step["revision"] for step in steps] == list(range(1, len(steps) + 1))


@then(parsers.parse("{count:d} rewards exist"))
def rewards_exist(desk: Desk, count: int) -> None:
    assert len(desk.rewards()) == count


@then("no rewards exist")
def no_rewards(desk: Desk) -> None:
    assert desk.rewards() == []


@then("the ledger sums to zero")
def ledger_zero(desk: Desk) -> None:
    assert desk.ledger_sum() == 0
    assert desk.get("/ledger/transfers")["items"]


@then(parsers.re(r"the recommendation of (?P<name>\w+) is (?P<state>\w+)"))
def referral_is(desk: Desk, name: str, state: str) -> None:
    def check() -> bool:
        referral = desk.referral_of(name)
        assert referral["state"] == state
        desk.answers = [referral]
        return True

    desk.shop.eventually(check)


@then(parsers.parse('the reason is "{sentence}"'))
def reason_is(desk: Desk, sentence: str) -> None:
    told = desk.answers[0] if desk.answers else desk.reward_of("Ada")
    assert told["reason"]["sentence"] == sentence


@then(parsers.parse("the rewards of {name}'s order are €{first} for Ada and €{second} for {friend}"))
def rewards_of_order(desk: Desk, name: str, first: str, second: str, friend: str) -> None:
    def check() -> bool:
        found = desk.get("/rewards", order_id=to_wire("ord", UUID(desk.orders[name]["order_id"])))["items"]
        amounts = {reward["side"]: reward["amount"]["amount_minor"] for reward in found}
        assert amounts == {"advocate": minor(first), "friend": minor(second)}
        return True

    desk.shop.eventually(check)


@when("the approval runs")
def approval_runs(desk: Desk) -> None:
    desk.approve()


@when("the approval runs twice at the same time")
def approval_runs_twice(desk: Desk) -> None:
    desk.approve(times=2)
