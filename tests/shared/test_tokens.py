"""Tokens open only unchanged, in time, and for their own purpose."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from adapters.shared.tokens import Keys, TokenInvalid

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
signer = Keys(b"a secret of at least thirty-two bytes").signer("test")


class Payload(Struct, frozen=True):
    text: str


@given(st.text())
def test_what_was_signed_is_read(text: str) -> None:
    token = signer.sign(Payload(text[:200]), expires_at=LATER)
    assert signer.open(token, Payload, now=NOW) == Payload(text[:200])


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    token = signer.sign(Payload("claim"), expires_at=LATER)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCabc012-_"))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        # The last letter of base64 has bits that mean nothing; the bytes, not the text, are what is signed.
        try:
            assert signer.open(changed, Payload, now=NOW) == Payload("claim")
        except TokenInvalid:
            return
        assert place == len(token) - 1


@given(st.text(max_size=3000))
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(TokenInvalid):
        signer.open(text, Payload, now=NOW)


def test_an_expired_token_is_refused() -> None:
    token = signer.sign(Payload("x"), expires_at=NOW)
    with pytest.raises(TokenInvalid):
        signer.open(token, Payload, now=NOW)


def test_another_purpose_does_not_open_it() -> None:
    other = Keys(b"a secret of at least thirty-two bytes").signer("other")
    with pytest.raises(TokenInvalid):
        other.open(signer.sign(Payload("x"), expires_at=LATER), Payload, now=NOW)


def test_another_shape_is_refused() -> None:
    class Number(Struct, frozen=True):
        number: int

    with pytest.raises(TokenInvalid):
        signer.open(signer.sign(Payload("x"), expires_at=LATER), Number, now=NOW)
