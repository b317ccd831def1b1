"""API keys and what they may do."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import ShopId
from shops.domain.api_key import (
    RANDOM_BYTES,
    ApiKey,
    KeyId,
    KeyRejected,
    NoScopes,
    fingerprint,
    mint,
)
from shops.domain.scopes import READING, ROLES, SCOPES, ScopeNotHeld, UnknownScope, parse
from shops.domain.text import InvalidText

NOW = datetime(2026, 11, 22, tzinfo=UTC)
randoms = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def created(**other: Any) -> tuple[ApiKey, str]:
    asked: dict[str, Any] = {
        "kind": "secret",
        "label": "Order import",
        "wanted": frozenset({"tracking:write"}),
        "held": SCOPES,
        "test_mode": False,
        "random": bytes(range(RANDOM_BYTES)),
        "at": NOW,
    }
    return ApiKey.create(ShopId(UUID(int=1)), KeyId(UUID(int=2)), **(asked | other))


@given(randoms, st.sampled_from(["secret", "publishable"]), st.booleans())
def test_a_key_is_recognised_by_its_shape_and_found_by_its_hash(random: bytes, kind: Any, test_mode: bool) -> None:
    secret = mint(kind, test_mode=test_mode, random=random)
    assert re.fullmatch(r"gv_(live|test|pub)_[0-9A-Za-z]{33}", secret)
    assert len(fingerprint(secret)) == 32


@given(randoms, st.integers(min_value=8, max_value=40), st.sampled_from("0aZ"))
def test_a_typing_error_is_refused_before_any_lookup(random: bytes, place: int, letter: str) -> None:
    secret = mint("secret", test_mode=False, random=random)
    wrong = secret[:place] + letter + secret[place + 1 :]
    if wrong != secret:
        with pytest.raises(KeyRejected):
            fingerprint(wrong)


@given(st.text())
def test_no_text_breaks_the_reading_of_keys(text: str) -> None:
    with pytest.raises(KeyRejected):
        fingerprint(text)


@given(randoms, randoms)
def test_two_keys_differ(one: bytes, two: bytes) -> None:
    if one != two:
        assert mint("secret", test_mode=True, random=one) != mint("secret", test_mode=True, random=two)


def test_the_prefix_says_what_it_opens() -> None:
    assert created()[1].startswith("gv_live_")
    assert created(test_mode=True)[1].startswith("gv_test_")
    assert created(kind="publishable", wanted=frozenset())[1].startswith("gv_pub_")


def test_the_hint_gives_little_away() -> None:
    key, secret = created()
    assert key.hint == f"gv_live_…{secret[-4:]}"
    assert secret[8:-4] not in repr(key)


def test_nobody_grants_what_they_do_not_hold() -> None:
    with pytest.raises(ScopeNotHeld):
        created(wanted=frozenset({"shops:write", "shops:read"}), held=frozenset({"shops:read"}))


def test_scopes_fit_the_kind() -> None:
    with pytest.raises(NoScopes):
        created(wanted=frozenset())
    with pytest.raises(NoScopes):
        created(kind="publishable")


def test_a_label_is_a_line() -> None:
    with pytest.raises(InvalidText):
        created(label="a\nb")


def test_revoking_twice_keeps_the_first_time() -> None:
    key, _ = created()
    revoked = key.revoke(at=NOW)
    assert revoked.revoked_at == NOW
    assert revoked.revoke(at=datetime(2027, 1, 1, tzinfo=UTC)) is revoked


def test_scopes_are_a_closed_list() -> None:
    assert parse(["shops:read", "shops:read"]) == {"shops:read"}
    with pytest.raises(UnknownScope):
        parse(["shops:admin"])


def test_every_role_is_made_of_scopes_and_reads_everything() -> None:
    for scopes in ROLES.values():
        assert READING <= scopes <= SCOPES
    assert ROLES["owner"] == SCOPES
    assert ROLES["viewer"] == READING
