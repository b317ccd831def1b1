"""How somebody met again is recognised, and what is left of somebody who asked to be forgotten."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import CustomerId, ShopId
from shops.domain.customer import Customer
from shops.domain.person import parse_email, person_by_email
from shops.domain.recognition import Introduction, InvalidEmail, NobodyToIdentify, Plan, insist, recognise, understand

KEY = b"k" * 32
SHOP = ShopId(UUID(int=1))
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def ids() -> Callable[[], CustomerId]:
    numbers = count(100)
    return lambda: CustomerId(UUID(int=next(numbers)))


class Vault:
    """Keeps what plans store, as the database does, and checks what the database's constraints refuse."""

    def __init__(self) -> None:
        self.records: dict[CustomerId, Customer] = {}
        self._new_id = ids()

    def meet(self, *people: Introduction) -> list[Customer]:
        known = [understand(KEY, SHOP, said) for said in people]
        plan = recognise(known, self.records.values(), key=KEY, shop_id=SHOP, new_id=self._new_id, at=NOW)
        self._store(plan)
        assert len(plan.answers) == len(people)
        for answer in plan.answers:
            assert self.records[answer.customer_id].person_id == answer.person_id
        return [self.records[answer.customer_id] for answer in plan.answers]

    def _store(self, plan: Plan) -> None:
        assert not {record.customer_id for record in plan.added} & set(self.records)
        assert {record.customer_id for record in plan.changed} <= set(self.records)
        self.records.update({record.customer_id: record for record in (*plan.changed, *plan.added)})
        live = [record for record in self.records.values() if not record.erased_at]
        references = [record.reference for record in live if record.reference is not None]
        leaders = [record.person_id for record in live if record.leads]
        assert len(references) == len(set(references))
        assert len(leaders) == len(set(leaders))
        assert all(record.leads for record in live if record.reference is None)


def test_the_shops_reference_decides_first() -> None:
    vault = Vault()
    (ada,) = vault.meet(Introduction(reference="1", email="ada@example.com", first_name="Ada"))
    (again,) = vault.meet(Introduction(reference="1", email="countess@example.com"))
    assert again.customer_id == ada.customer_id
    assert (again.email, again.first_name) == ("countess@example.com", "Ada")
    assert again.person_id != ada.person_id


def test_a_reference_adopts_the_guest_of_the_same_person() -> None:
    vault = Vault()
    (guest,) = vault.meet(Introduction(email="A.da@gmail.com", first_name="Ada"))
    (ada,) = vault.meet(Introduction(reference="1", email="ada+shop@googlemail.com", last_name="Lovelace"))
    assert ada.customer_id == guest.customer_id
    assert ada.person_id == guest.person_id
    assert (ada.reference, ada.first_name, ada.last_name) == ("1", "Ada", "Lovelace")


def test_two_accounts_of_one_person_are_two_customers_and_one_person() -> None:
    vault = Vault()
    one, two = vault.meet(
        Introduction(reference="1", email="ada@example.com"), Introduction(reference="2", email="ADA@example.com")
    )
    assert one.customer_id != two.customer_id
    assert one.person_id == two.person_id


def test_a_guest_with_a_customers_address_is_that_customer_and_changes_nothing_of_theirs() -> None:
    vault = Vault()
    (ada,) = vault.meet(Introduction(reference="1", email="ada@example.com"))
    (guest,) = vault.meet(Introduction(email="ada@example.com", first_name="Mallory", phone="+49 1"))
    assert guest == ada


def test_a_guests_words_fill_blanks_and_replace_nothing() -> None:
    vault = Vault()
    vault.meet(Introduction(email="ben@example.com", first_name="Ben"))
    (ben,) = vault.meet(Introduction(email="ben@example.com", first_name="Mallory", last_name="Bit", locale="de-AT"))
    assert (ben.first_name, ben.last_name, ben.locale) == ("Ben", "Bit", "de")


def test_silence_of_the_shop_erases_nothing() -> None:
    vault = Vault()
    (ada,) = vault.meet(Introduction(reference="1", email="ada@example.com", first_name="Ada", locale="sv", phone="1"))
    (again,) = vault.meet(Introduction(reference="1"))
    assert again == ada


def test_who_says_nothing_usable_is_the_same_again_by_the_askers_own_reference() -> None:
    vault = Vault()
    said = Introduction(email="not an address", otherwise="guest-of-order-1")
    (guest,) = vault.meet(said)
    assert vault.meet(said) == [guest]
    assert vault.meet(Introduction(otherwise="guest-of-order-1")) == [guest]
    (other,) = vault.meet(Introduction(email="not an address", otherwise="guest-of-order-2"))
    assert other.person_id != guest.person_id


def test_the_askers_own_reference_gives_way_to_the_shops_and_to_an_address() -> None:
    vault = Vault()
    named, addressed = vault.meet(
        Introduction(reference="1", otherwise="guest-of-order-1"),
        Introduction(email="ada@example.com", otherwise="guest-of-order-2"),
    )
    assert (named.reference, addressed.reference) == ("1", None)


def test_an_address_that_is_none_counts_as_none() -> None:
    vault = Vault()
    (ada,) = vault.meet(Introduction(reference="1", email="not an address"))
    assert ada.email is None
    (again,) = vault.meet(Introduction(reference="1", email="ada@example.com"))
    assert again.customer_id == ada.customer_id
    assert again.person_id != ada.person_id


def test_nobody_in_particular_is_somebody_new_each_time() -> None:
    one, two = Vault().meet(Introduction(first_name="Ada"), Introduction(first_name="Ada"))
    assert one.customer_id != two.customer_id
    assert one.person_id != two.person_id


def test_an_erased_record_is_never_recognised() -> None:
    vault = Vault()
    (ada,) = vault.meet(Introduction(reference="1", email="ada@example.com", first_name="Ada", phone="+49 1"))
    erased = ada.erase(KEY, at=NOW)
    vault.records[ada.customer_id] = erased
    said = Introduction(reference="1", email="ada@example.com")
    assert vault.meet(said)[0].customer_id != ada.customer_id
    assert erased.erase(KEY, at=NOW) is erased
    assert (erased.reference, erased.email, erased.first_name, erased.phone) == (None, None, "", None)
    assert erased.person_id != ada.person_id


def test_a_guest_leads_even_when_the_same_batch_moves_a_customer_away() -> None:
    vault = Vault()
    (ada,) = vault.meet(Introduction(reference="1", email="ada@example.com"))
    moved, guest = vault.meet(
        Introduction(reference="1", email="countess@example.com"), Introduction(email="ada@example.com")
    )
    assert moved.customer_id == ada.customer_id
    assert guest.customer_id != ada.customer_id
    assert guest.leads


def test_insisting_refuses_whom_nobody_could_recognise() -> None:
    insist(Introduction(reference="1"))
    insist(Introduction(email="ada@example.com"))
    with pytest.raises(InvalidEmail):
        insist(Introduction(reference="1", email="ada at example"))
    with pytest.raises(NobodyToIdentify):
        insist(Introduction(first_name="Ada", reference=" \n "))


def test_a_reference_of_any_length_is_kept_apart_from_others() -> None:
    vault = Vault()
    one, two = vault.meet(Introduction(reference="9" * 5000), Introduction(reference="9" * 5001))
    assert one.reference != two.reference
    assert vault.meet(Introduction(reference="9" * 5000)) == [one]


texts = st.one_of(st.none(), st.text(max_size=8))
introductions = st.builds(
    Introduction,
    reference=st.one_of(st.sampled_from(["1", "2", "3"]), texts),
    email=st.one_of(st.sampled_from(["ada@gmail.com", "A.Da+x@googlemail.com", "ben@example.com", "eve@x.dk"]), texts),
    first_name=st.text(max_size=5),
    last_name=st.text(max_size=5),
    locale=st.sampled_from([None, "de", "de-AT", "no", "xx"]),
    phone=texts,
)


@given(st.lists(st.lists(introductions, max_size=6), max_size=5))
def test_any_batches_keep_the_vaults_rules(batches: list[list[Introduction]]) -> None:
    vault = Vault()
    for batch in batches:
        vault.meet(*batch)


@given(st.lists(introductions, max_size=8))
def test_asking_again_answers_the_same(batch: list[Introduction]) -> None:
    recognisable = [
        said for said in batch if understand(KEY, SHOP, said).reference or understand(KEY, SHOP, said).person_id
    ]
    vault = Vault()
    vault.meet(*recognisable)
    records = len(vault.records)
    again = vault.meet(*recognisable)
    assert [r.customer_id for r in vault.meet(*recognisable)] == [r.customer_id for r in again]
    assert len(vault.records) == records


people_of_one_address_each = st.lists(
    st.tuples(st.integers(0, 3), st.booleans()).map(
        lambda p: Introduction(reference=f"{p[0]}" if p[1] else None, email=f"person{p[0]}@example.com")
    ),
    min_size=1,
    max_size=8,
)


@given(people_of_one_address_each, st.randoms(use_true_random=False))
def test_guest_or_customer_first_comes_to_the_same_records(said: list[Introduction], random: object) -> None:
    def records(people: Sequence[Introduction]) -> set[tuple[str | None, UUID]]:
        vault = Vault()
        for each in people:
            vault.meet(each)
        return {(record.reference, record.person_id) for record in vault.records.values()}

    shuffled = list(said)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert records(said) == records(shuffled)


def test_the_person_is_that_of_the_address() -> None:
    email = parse_email("ada@example.com")
    assert email is not None
    (ada,) = Vault().meet(Introduction(reference="1", email="Ada@Example.com"))
    assert ada.person_id == person_by_email(KEY, SHOP, email)
