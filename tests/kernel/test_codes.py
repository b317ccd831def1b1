"""Codes survive being read aloud and typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.codes import ALPHABET, MalformedCode, normalise, shown

codes = st.text(alphabet=ALPHABET, min_size=1, max_size=16)


@given(codes)
def test_what_is_shown_is_read_again_in_any_case(code: str) -> None:
    assert normalise(shown(code)) == normalise(shown(code).lower()) == code


@given(codes, st.sampled_from(" -_.–—\u00a0\u2011\u200b\t"))
def test_separators_do_not_matter(code: str, separator: str) -> None:
    assert normalise(f" {separator.join(code)} ") == code


@given(codes)
def test_look_alikes_are_forgiven(code: str) -> None:
    typed = code.replace("0", "o").replace("1", "l").replace("V", "u")
    assert normalise(typed) == code


@pytest.mark.parametrize("typed", ["", "   ", "--", "ab!c", "ÄÖ", "7K2M\x00", "x" * 65, "７Ｋ"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(MalformedCode):
        normalise(typed)
