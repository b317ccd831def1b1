"""Steps about mails."""

import html

from pytest_bdd import given, parsers, then, when

from tests.features.engagement.desk import Desk

REASONS = {
    "the order was cancelled": "order_cancelled",
    "something new": "a_reason_of_tomorrow",
    "part of the order came back": "partly_refunded_percent",
    "the order is smaller now": "earned_percent",
}


def minor(amount: str) -> int:
    return round(float(amount) * 100)


@given(parsers.parse("{name} has no e-mail address"))
def _(desk: Desk, name: str) -> None:
    desk.introduce(name, reachable=False)


@given(parsers.parse('{name} calls herself "{called}"'))
def _(desk: Desk, name: str, called: str) -> None:
    desk.introduce(name, called=called, locale="en")


@given(parsers.parse("{name} got a mail about a reward"))
def _(desk: Desk, name: str) -> None:
    desk.tell_reward(name, "pending", 1250)
    desk.next_mail(name, "Your friend ordered: €12.50 for you")


@when(parsers.re(r"(?P<name>\w+)'s reward of (?P<amount>[\d.]+) euros is noted"))
def _(desk: Desk, name: str, amount: str) -> None:
    desk.tell_reward(name, "pending", minor(amount), before=0)


@when(parsers.re(r"(?P<name>\w+)'s deal of (?P<amount>[\d.]+) euros is noted"))
def _(desk: Desk, name: str, amount: str) -> None:
    desk.tell_reward(name, "pending", minor(amount), before=0, reason="earned_fixed", side="friend")


@when(parsers.re(r"(?P<name>\w+)'s reward of (?P<amount>[\d.]+) euros is (?P<change>approved|issued)"))
def _(desk: Desk, name: str, amount: str, change: str) -> None:
    desk.tell_reward(name, change, minor(amount), reason="hold_over")


@when(
    parsers.re(
        r"(?P<name>\w+)'s reward is reduced from (?P<before>[\d.]+) to (?P<amount>[\d.]+) euros because (?P<why>.+)"
    )
)
def _(desk: Desk, name: str, before: str, amount: str, why: str) -> None:
    desk.revision = max(desk.revision, 1)
    desk.tell_reward(name, "reduced", minor(amount), before=minor(before), reason=REASONS[why])


@when(parsers.re(r"(?P<name>\w+)'s reward of (?P<amount>[\d.]+) euros lapses because (of )?(?P<why>.+)"))
def _(desk: Desk, name: str, amount: str, why: str) -> None:
    desk.tell_reward(name, "reversed", 0, before=minor(amount), reason=REASONS[why])


@when("the same news arrives again")
def _(desk: Desk) -> None:
    desk.shop.tell("engagement", *desk.said)


@when(parsers.re(r"the news that it was noted at (?P<amount>[\d.]+) euros arrives late"))
def _(desk: Desk, amount: str) -> None:
    desk.tell_reward("Ada", "pending", minor(amount), revision=1)


@when(parsers.parse('{name} gets the mail "{subject}"'))
@then(parsers.parse('{name} gets the mail "{subject}"'))
def _(desk: Desk, name: str, subject: str) -> None:
    desk.next_mail(name, subject)


@then(parsers.parse('the mail says "{text}"'))
def _(desk: Desk, text: str) -> None:
    if not desk.told:
        desk.next_mail("Ada", "Your reward of €12.50 lapses")
    assert text in desk.part("plain")
    assert html.escape(text) in desk.part("html")


@then(parsers.parse("{name} gets no other mail"))
def _(desk: Desk, name: str) -> None:
    desk.settled(name)
    assert len(desk.mails(name)) == len(desk.told)


@then(parsers.parse("the shop sees that {name} got no mail because there is no address"))
def _(desk: Desk, name: str) -> None:
    (message,) = desk.settled(name)
    assert (message["state"], message["reason"]) == ("skipped", "no_email")


@then("Eve's mail greets her as exactly that")
def _(desk: Desk) -> None:
    desk.next_mail("Eve", "Your deal is noted: €10.00")
    assert "Hello <b>Eve</b>," in desk.part("plain")
    assert "Hello &lt;b&gt;Eve&lt;/b&gt;," in desk.part("html")
    assert "<b>Eve</b>" not in desk.part("html")
