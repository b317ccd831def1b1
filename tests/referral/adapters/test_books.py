"""The books on the real database: races, batches, statements per batch, and what the database refuses by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from adapters.referral.postgres.books import READ
from adapters.shared.ids import new_id
from kernel.ids import ClaimId
from referral.domain.advocate import Advocate
from referral.domain.facts import Claim, Order
from tests.referral.adapters.conftest import Counter
from tests.support.statements import noted


def an_order(ada: Advocate, **changes: Any) -> Order:
    usual: dict[str, Any] = {
        "order_id": new_id(), "revision": 1, "number": "#1", "placed_at": datetime.now(UTC), "state": "open",
        "payment": "paid", "test": False, "currency": "EUR", "total_minor": 12000, "base_minor": 12000,
        "final_base_minor": 12000, "customer_id": new_id(), "person_id": new_id(), "first_order": True,
        "programme_id": ada.programme_id, "advocate_id": ada.advocate_id, "method": "coupon_code",
    }  # fmt: skip
    return Order(**(usual | changes))


def long_ago(ada: Advocate, counter: Counter, **changes: Any) -> Order:
    """An order whose return period is over: the programme is made older to fit."""
    for table, column in (("programme_state", "since"), ("offer", "launched_at")):
        counter.sql(f"ALTER TABLE referral.{table} DISABLE TRIGGER USER")
        counter.sql(
            f"UPDATE referral.{table} SET {column} = {column} - interval '90 days' WHERE shop_id = %s", counter.shop_id
        )
        counter.sql(f"ALTER TABLE referral.{table} ENABLE TRIGGER USER")
    return an_order(ada, placed_at=datetime.now(UTC) - timedelta(days=30), **changes)


@pytest.fixture
def ada(counter: Counter) -> Advocate:
    return counter.advocate(counter.programme())


def test_a_large_batch_is_one_read_and_one_write(counter: Counter, ada: Advocate) -> None:
    orders = [an_order(ada) for _ in range(300)]
    with noted() as sent:
        counter.hear(*orders)
    (connection,) = {each.connection for each in sent if each.statement == READ.decode()}
    settling = [each.statement[:60] for each in sent if each.connection == connection]
    assert len(counter.active()) == 600
    assert len(settling) <= 9, settling


def test_the_same_facts_at_the_same_time_count_once(counter: Counter, ada: Advocate) -> None:
    orders = [an_order(ada) for _ in range(10)]
    counter.hear_at_once(*(orders for _ in range(6)))
    assert len(counter.active()) == 20
    assert counter.accounts() == {"reward_cost": -22000, "pending:advocate": 12000, "pending:friend": 10000}


def test_opposite_batches_do_not_lock_each_other_out(counter: Counter, ada: Advocate) -> None:
    orders = [an_order(ada) for _ in range(40)]
    counter.hear_at_once(orders, list(reversed(orders)), orders[20:] + orders[:20])
    assert len(counter.active()) == 80


def test_two_first_orders_of_one_friend_reward_the_earlier(counter: Counter, ada: Advocate) -> None:
    person = new_id()
    later = an_order(ada, person_id=person)
    earlier = an_order(ada, person_id=person, placed_at=later.placed_at - timedelta(seconds=1), base_minor=5000,
                       final_base_minor=5000)  # fmt: skip
    counter.sql("SELECT pg_sleep(1.1)")
    counter.hear(later)
    assert {key[0] for key in counter.active()} == {later.order_id}
    counter.hear(replaced(earlier, placed_at=later.placed_at - timedelta(milliseconds=1)))
    assert {key[0] for key in counter.active()} == {earlier.order_id}
    assert sum(counter.accounts().values()) == 0


def replaced(order: Order, **changes: Any) -> Order:
    from msgspec.structs import replace

    return replace(order, **changes)


def test_two_approvals_at_once_issue_once(counter: Counter, ada: Advocate) -> None:
    counter.hear(*(long_ago(ada, counter, number=str(n), payment="pending") for n in range(5)))
    counter.sql("UPDATE referral.settled_order SET payment = 'paid' WHERE shop_id = %s", counter.shop_id)
    assert sorted(counter.approve(times=4)) == [0, 0, 0, 10]
    steps = counter.sql(
        "SELECT change, count(*) FROM referral.reward_step WHERE shop_id = %s GROUP BY 1", counter.shop_id
    )
    assert dict(steps) == {"pending": 10, "approved": 10, "issued": 10}
    assert counter.accounts() == {"reward_cost": -11000, "credit": 11000}


def test_approval_and_refund_at_the_same_time_end_right(counter: Counter, ada: Advocate) -> None:
    for _ in range(5):
        order = long_ago(ada, counter)
        counter.hear(order)
        refund = replaced(order, revision=2, final_base_minor=6000)

        async def both(refund: Order = refund) -> None:
            import asyncio

            from tests.referral.adapters.conftest import envelopes

            await asyncio.gather(
                counter.container.approve_due()(counter.shop_id),
                counter.hosted.receiver.receive(counter.shop_id, envelopes(counter.shop_id, [refund])),
            )

        counter.world.call(both)
        assert counter.active()[order.order_id, "advocate"] == (ada.advocate_id, 600)
    counter.approve()
    assert sum(counter.accounts().values()) == 0
    assert counter.accounts()["credit"] == 5 * (600 + 1000)


def test_due_shops_are_found_by_their_own_clock(counter: Counter, ada: Advocate) -> None:
    from adapters.referral.postgres.sweep import shops_with_due

    counter.hear(an_order(ada))
    assert counter.shop_id not in counter.world.call(shops_with_due, counter.hosted.relay_database)
    counter.sql("UPDATE referral.known_shop SET clock_offset_s = 15 * 86400 WHERE shop_id = %s", counter.shop_id)
    assert counter.shop_id in counter.world.call(shops_with_due, counter.hosted.relay_database)
    counter.sql("UPDATE referral.known_shop SET clock_offset_s = 0 WHERE shop_id = %s", counter.shop_id)


def test_a_claim_that_comes_late_settles_what_came_before(counter: Counter, ada: Advocate) -> None:
    order = an_order(ada, claim_id=ClaimId(new_id()))
    counter.hear(order)
    claim = Claim(
        claim_id=order.claim_id or ClaimId(new_id()), programme_id=ada.programme_id, advocate_id=ada.advocate_id,
        friend_id=order.customer_id, person_id=order.person_id, claimed_at=order.placed_at - timedelta(minutes=5),
        expires_at=order.placed_at + timedelta(days=5),
    )  # fmt: skip
    counter.hear(claim)
    counter.hear(claim)
    rows = counter.sql("SELECT state, claim_id FROM referral.referral WHERE shop_id = %s", counter.shop_id)
    assert rows == [("ordered", claim.claim_id)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE referral.reward SET state = 'issued', revision = revision + 1 WHERE shop_id = %s",
        "UPDATE referral.reward SET amount_minor = 1 WHERE shop_id = %s",
        "UPDATE referral.reward SET amount_minor = 0, revision = revision + 1 WHERE shop_id = %s",
        "UPDATE referral.reward SET customer_id = gen_random_uuid(), revision = revision + 1 WHERE shop_id = %s",
        "UPDATE referral.reward SET revision = 0 WHERE shop_id = %s",
        "UPDATE referral.referral SET state = 'gone', revision = revision + 1 WHERE shop_id = %s",
        "UPDATE referral.referral SET advocate_id = gen_random_uuid(), revision = revision + 1 WHERE shop_id = %s",
        "UPDATE referral.programme SET state = 'draft', revision = revision + 1 WHERE shop_id = %s",
        "UPDATE referral.offer SET terms = terms || '{\"hold_days\": 1}' WHERE shop_id = %s",
        "UPDATE referral.offer SET launched_at = now() WHERE shop_id = %s",
        "DELETE FROM referral.offer WHERE shop_id = %s",
        "UPDATE referral.transfer SET amount_minor = 1 WHERE shop_id = %s",
        "DELETE FROM referral.transfer WHERE shop_id = %s",
        "DELETE FROM referral.reward_step WHERE shop_id = %s",
        "UPDATE referral.programme_state SET since = now() WHERE shop_id = %s",
        "INSERT INTO referral.transfer SELECT shop_id, reward_id, revision, debit, credit, customer_id, amount_minor,"
        " currency, change, at FROM referral.transfer WHERE shop_id = %s",
        "INSERT INTO referral.reward SELECT shop_id, gen_random_uuid(), revision, programme_id, offer_version,"
        " referral_id, advocate_id, gen_random_uuid(), person_id, side, customer_id, state, amount_minor, currency,"
        " reason_code, reason, approve_after, first_order_only, earned_at, changed_at"
        " FROM referral.reward WHERE shop_id = %s",
    ],
)
def test_the_database_refuses_by_itself(counter: Counter, ada: Advocate, statement: str) -> None:
    counter.hear(an_order(ada))
    with pytest.raises(psycopg.errors.IntegrityError):
        counter.sql(statement, counter.shop_id)


def test_nobody_truncates_the_ledger(counter: Counter) -> None:
    with pytest.raises(psycopg.errors.IntegrityError):
        counter.sql("TRUNCATE referral.transfer")


def test_enrolling_at_the_same_time_makes_one_advocate(counter: Counter) -> None:
    programme, customer = counter.programme(), new_id()
    found = counter.advocates_at_once(programme, customer, 6)
    assert len({(each.advocate_id, each.code, each.link_code) for each in found}) == 1
    (published,) = counter.sql(
        "SELECT count(*) FROM referral.outbox WHERE shop_id = %s AND name = 'referral.advocate_enrolled'",
        counter.shop_id,
    )
    assert published == (1,)
