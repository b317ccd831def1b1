"""Which news is told, to whom it must not be sent, and when sending is given up."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.engagement.wording import _NOTICES
from engagement.domain.consent import MalformedAddress, address_hash, canonical_address
from engagement.domain.message import (
    TRIES,
    Recipient,
    RewardNews,
    Standing,
    kind_for,
    refusal_to_send,
    wait_before_retry,
    worth_telling,
)
from kernel.ids import ShopId
from tests.engagement.samples import CUSTOMER, NOW, message

CHANGES = ("pending", "approved", "issued", "reduced", "increased", "reversed", "reinstated", "of tomorrow")


def news(reward: int, revision: int, change: str) -> RewardNews:
    sample = message()
    return RewardNews(
        reward_id=UUID(int=reward),  # type: ignore[arg-type]
        revision=revision,
        programme_id=sample.programme_id,
        advocate_id=sample.advocate_id,
        side="advocate",
        customer_id=sample.customer_id,
        change=change,
        amount_minor=1,
        previous_amount_minor=1,
        currency="EUR",
        reason_code="",
        approve_after=NOW,
        changed_at=NOW,
    )


heard = st.lists(st.builds(news, st.integers(1, 4), st.integers(1, 6), st.sampled_from(CHANGES)), max_size=20)


@given(heard, st.randoms())
def test_any_order_tells_the_same_newest_news(several: list[RewardNews], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [*several, *several]
    random.shuffle(shuffled)

    def told(facts: list[RewardNews]) -> set[tuple[object, int]]:
        return {(fact.reward_id, fact.revision) for fact in worth_telling(facts)}

    assert told(several) == told(shuffled)
    for fact in worth_telling(several):
        assert not [
            f for f in several if f.reward_id == fact.reward_id and f.revision > fact.revision and kind_for(f.change)
        ]


def test_an_approval_is_not_told_and_the_unknown_neither() -> None:
    assert kind_for("approved") is None
    assert kind_for("of tomorrow") is None
    assert kind_for("issued") == "reward_issued"


def test_every_kind_has_its_words_for_both_sides() -> None:
    kinds = {kind for kind in map(kind_for, CHANGES) if kind}
    assert set(_NOTICES) == {(kind, side) for kind in kinds for side in ("advocate", "friend")}


@pytest.mark.parametrize(
    ("recipient", "standing", "age", "reason"),
    [
        (None, Standing(), 0, "unknown_customer"),
        (Recipient(customer_id=CUSTOMER, email=None, first_name="", locale=None), Standing(), 0, "no_email"),
        ("ada", Standing(suppressed=frozenset({"all"})), 0, "suppressed"),
        ("ada", Standing(suppressed=frozenset({"rewards"}), withdrawn=frozenset({"rewards"})), 0, "suppressed"),
        ("ada", Standing(suppressed=frozenset({"marketing"})), 0, None),
        ("ada", Standing(withdrawn=frozenset({"rewards"})), 0, "consent_withdrawn"),
        ("ada", Standing(withdrawn=frozenset({"marketing"})), 0, None),
        ("ada", Standing(), 31, "too_old"),
        ("ada", Standing(), 29, None),
    ],
)
def test_suppression_beats_everything(recipient, standing, age, reason) -> None:  # type: ignore[no-untyped-def]
    if recipient == "ada":
        recipient = Recipient(customer_id=CUSTOMER, email="ada@example.com", first_name="Ada", locale="en")
    now = NOW + timedelta(days=age)
    assert refusal_to_send(message(), recipient, standing, purpose="rewards", now=now) == reason


def test_retries_wait_longer_and_end() -> None:
    waits = [wait_before_retry(tries) for tries in range(1, TRIES + 1)]
    assert waits[-1] is None
    known = [wait for wait in waits if wait]
    assert known == sorted(known)
    assert known[0] == timedelta(seconds=30)
    assert sum(known, timedelta()) > timedelta(hours=12)


@pytest.mark.parametrize("typed", ["Ada@Example.com", " ada@example.com ", "ada@EXAMPLE.com."])
def test_an_address_is_known_however_it_is_written(typed: str) -> None:
    shop, other = ShopId(UUID(int=1)), ShopId(UUID(int=2))
    assert address_hash(b"key", shop, typed) == address_hash(b"key", shop, "ada@example.com")
    assert address_hash(b"key", shop, typed) != address_hash(b"key", other, "ada@example.com")
    assert address_hash(b"key", shop, typed) != address_hash(b"other", shop, "ada@example.com")


def test_an_international_domain_is_one_domain() -> None:
    assert canonical_address("Ben@MÜNCHEN.example") == canonical_address("ben@xn--mnchen-3ya.example")


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        canonical = canonical_address(text)
    except MalformedAddress:
        return
    assert canonical_address(canonical) == canonical
