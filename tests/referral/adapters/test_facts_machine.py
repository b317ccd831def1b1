"""Facts in any order on the real database, through the context's own ear: batches, races, approvals."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.shared.ids import new_id
from referral.domain.advocate import Advocate
from referral.domain.facts import Order
from tests.referral.adapters.conftest import Counter
from tests.referral.adapters.test_books import an_order
from tests.support.world import World

FINAL = [0, 3999, 4000, 6005, 12000]
CHANGES = st.one_of(
    st.sampled_from(FINAL).map(lambda left: {"final_base_minor": left}),
    st.sampled_from(["open", "cancelled"]).map(lambda state: {"state": state}),
    st.sampled_from(["pending", "paid", "voided"]).map(lambda payment: {"payment": payment}),
    st.booleans().map(lambda first: {"first_order": first}),
    st.sampled_from(["ada", "cleo", "nobody"]).map(lambda name: {"credited": name}),
)


class Story:
    """Orders of two friends, every revision of each, and the sequence in which they are told."""

    def __init__(self, counter: Counter, data: st.DataObject) -> None:
        self.counter = counter
        self.data = data
        programme = counter.programme()
        age(counter)
        self.advocates = {"ada": counter.advocate(programme), "cleo": counter.advocate(programme)}
        friends = [(new_id(), new_id()) for _ in range(2)]
        self.revisions: list[list[Order]] = [self._order(n, friends[n % 2]) for n in range(4)]

    def _order(self, number: int, friend: tuple[Any, Any]) -> list[Order]:
        first = an_order(
            self.advocates["ada"], customer_id=friend[0], person_id=friend[1],
            placed_at=datetime.now(UTC) - timedelta(days=30) + timedelta(hours=number),
        )  # fmt: skip
        told = [first]
        for change in self.data.draw(st.lists(CHANGES, max_size=4)):
            told.append(replace(told[-1], revision=told[-1].revision + 1, **self._credited(change)))
        return told

    def _credited(self, change: dict[str, Any]) -> dict[str, Any]:
        if "credited" not in change:
            return change
        named: Advocate | None = self.advocates.get(change["credited"])
        if named is None:
            return {"programme_id": None, "advocate_id": None, "method": None}
        return {"programme_id": named.programme_id, "advocate_id": named.advocate_id, "method": "coupon_code"}

    def expected(self) -> dict[Any, Any]:
        """What the final orders earn: 10 % up to 25.00 for the advocate, 10.00 for the friend, from 40.00 on."""
        wanted, friends = {}, set()
        for order in (revisions[-1] for revisions in self.revisions):
            good = order.advocate_id and order.state == "open" and order.payment != "voided" and order.first_order
            if not good or order.final_base_minor < 4000 or order.person_id in friends:
                continue
            friends.add(order.person_id)
            wanted[order.order_id, "advocate"] = (order.advocate_id, (order.final_base_minor * 1000 + 5000) // 10_000)
            wanted[order.order_id, "friend"] = (order.advocate_id, 1000)
        return wanted


def age(counter: Counter) -> None:
    for table, column in (("programme_state", "since"), ("offer", "launched_at")):
        counter.sql(f"ALTER TABLE referral.{table} DISABLE TRIGGER USER")
        counter.sql(
            f"UPDATE referral.{table} SET {column} = {column} - interval '90 days' WHERE shop_id = %s", counter.shop_id
        )
        counter.sql(f"ALTER TABLE referral.{table} ENABLE TRIGGER USER")


@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the app's own threads do, beside the strategies
def test_any_order_of_facts_ends_in_the_state_of_the_final_orders(world: World) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def tell(data: st.DataObject) -> None:
        counter = Counter(world, world.open_shop().shop_id)
        story = Story(counter, data)
        every = [order for revisions in story.revisions for order in revisions]
        again = data.draw(st.lists(st.integers(0, len(every) - 1), max_size=4))
        told = [every[number] for number in data.draw(st.permutations([*range(len(every)), *again]))]
        while told:
            size = data.draw(st.integers(1, 5))
            batch, told = told[:size], told[size:]
            counter.hear_at_once(batch[::2], batch[1::2]) if data.draw(st.booleans()) else counter.hear(*batch)
            if data.draw(st.integers(0, 3)) == 0:
                counter.approve(times=2)
            check(counter)
        assert counter.active() == story.expected()
        counter.approve(times=2)
        check(counter)
        assert counter.active() == story.expected()
        unpaid = {revisions[-1].order_id for revisions in story.revisions if revisions[-1].payment != "paid"}
        waiting = counter.sql(
            "SELECT order_id FROM referral.reward WHERE shop_id = %s AND state = 'pending'", counter.shop_id
        )
        assert {order_id for (order_id,) in waiting} <= unpaid

    tell()


def check(counter: Counter) -> None:
    """The ledger sums to zero and says what the rewards say; nothing was posted or issued twice.

    One statement, for the app's own worker approves beside the test.
    """
    shop = counter.shop_id
    rows = counter.sql(
        """
        SELECT 'account', account, sum(amount_minor)::bigint FROM referral.posting WHERE shop_id = %s GROUP BY 2
        UNION ALL
        SELECT 'state', state, sum(amount_minor)::bigint FROM referral.reward
        WHERE shop_id = %s AND state <> 'reversed' GROUP BY 2
        """,
        shop, shop,
    )  # fmt: skip
    accounts = {name: amount for kind, name, amount in rows if kind == "account"}
    states = {name: amount for kind, name, amount in rows if kind == "state"}
    assert sum(accounts.values()) == 0
    assert accounts.get("credit", 0) == states.get("issued", 0)
    assert accounts.get("available", 0) == states.get("approved", 0) == 0
    assert accounts.get("pending:advocate", 0) + accounts.get("pending:friend", 0) == states.get("pending", 0)
    (unmatched,) = counter.sql(
        """
        SELECT (SELECT count(*) FROM referral.reward_step s LEFT JOIN referral.transfer t
                    USING (shop_id, reward_id, revision) WHERE s.shop_id = %s AND t.reward_id IS NULL),
               (SELECT count(*) FROM referral.reward r WHERE r.shop_id = %s AND r.revision <> (
                    SELECT count(*) FROM referral.reward_step s
                    WHERE s.shop_id = r.shop_id AND s.reward_id = r.reward_id)),
               (SELECT count(*) FROM referral.reward_step s LEFT JOIN referral.reward r USING (shop_id, reward_id)
                WHERE s.shop_id = %s AND r.reward_id IS NULL)
        """,
        shop, shop, shop,
    )  # fmt: skip
    assert unmatched == (0, 0, 0)
