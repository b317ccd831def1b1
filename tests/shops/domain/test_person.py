"""Who is the same person."""

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import CustomerId, ShopId
from shops.domain.person import (
    TAGGED_BY_PLUS,
    Email,
    parse_email,
    person_by_email,
    person_by_reference,
    person_of_record,
)

KEY = b"k" * 32
SHOP = ShopId(UUID(int=1))
OTHER_SHOP = ShopId(UUID(int=2))

words = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)


def canonical(text: str) -> str | None:
    email = parse_email(text)
    return email.canonical if email else None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM ", "ada@example.com"),
        ("a.d.a+shop@gmail.com", "ada@gmail.com"),
        ("A.da@googlemail.com", "ada@gmail.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        ("ada+shop@example.com", "ada+shop@example.com"),
        ("ada+shop@outlook.de", "ada@outlook.de"),
        ("ada+x@protonmail.com", "ada@proton.me"),
        ("ada@me.com", "ada@icloud.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@faß.example", "ada@xn--fa-hia.example"),
        ("ada@mail。example", "ada@mail.example"),
        ("ａｄａ＠example.com", "ada@example.com"),
        ("søren@example.dk", "søren@example.dk"),
        ("SØREN@example.dk", "søren@example.dk"),
    ],
)
def test_spellings_of_one_mailbox_are_one(typed: str, expected: str) -> None:
    assert canonical(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        None, "", " ", "ada", "@example.com", "ada@", "ada@localhost", "ada@exa mple.com", "a da@example.com",
        "ada@@example.com", "ada@example..com", ".ada@example.com", "ada.@example.com", "a..da@example.com",
        "ada@-example.com", "ada\0@example.com", "ada@example.com\r\nBcc: x@example.com", '"ada"@example.com',
        "Ada <ada@example.com>", "+tag@gmail.com", "x" * 65 + "@example.com", "ada@" + "x" * 64 + ".com",
        "ada@" + "abc." * 80 + "com", "a" * 400, "\ud800@example.com", "ada@\ud800.com", "ada@exam\u200bple.com",
        "ada@ex/ample.com", "...@gmail.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_no_address(typed: str | None) -> None:
    assert parse_email(typed) is None


def test_the_address_for_mail_keeps_what_the_provider_may_need() -> None:
    assert parse_email("A.Da+shop@Gmail.com") == Email("A.Da+shop@gmail.com", "ada@gmail.com")


@given(st.one_of(st.text(), st.emails(), st.builds(lambda a, b: f"{a}@{b}.example", st.text(), st.text())))
def test_any_text_is_read_or_refused_and_reading_again_changes_nothing(text: str) -> None:
    email = parse_email(text)
    if email is None:
        return
    email.address.encode()
    assert canonical(email.address) == email.canonical
    assert canonical(email.canonical) == email.canonical
    assert email.canonical.isprintable()
    assert not any(letter.isspace() for letter in email.address)


@given(words, words, st.sampled_from(sorted(TAGGED_BY_PLUS)))
def test_a_tag_does_not_make_another_person(name: str, tag: str, domain: str) -> None:
    assert canonical(f"{name}+{tag}@{domain}") == canonical(f"{name.upper()}@{domain.upper()}")


@given(st.lists(words, min_size=1, max_size=3))
def test_dots_at_gmail_do_not_make_another_person(parts: list[str]) -> None:
    assert canonical(".".join(parts) + "@gmail.com") == canonical("".join(parts) + "@googlemail.com")


@given(st.emails())
def test_a_person_is_the_same_in_a_shop_and_another_in_the_next(text: str) -> None:
    email = parse_email(text)
    if email is None:
        return
    person = person_by_email(KEY, SHOP, email)
    assert person == person_by_email(KEY, SHOP, Email("other@spelling.example", email.canonical))
    assert person != person_by_email(KEY, OTHER_SHOP, email)
    assert person != person_by_email(b"other key", SHOP, email)
    assert person != person_by_reference(KEY, SHOP, email.canonical)


def test_person_ids_are_uuids_of_version_8() -> None:
    record = CustomerId(UUID(int=3))
    for person in (person_by_reference(KEY, SHOP, "1042"), person_of_record(KEY, SHOP, record)):
        assert person.version == 8
        assert person.variant == "specified in RFC 4122"
