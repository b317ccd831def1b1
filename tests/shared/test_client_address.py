"""Whom attempts and visits are counted for."""

from ipaddress import IPv6Address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.shared.http.client_address import sender_of


@given(st.ip_addresses(v=6), st.sampled_from(["", "%eth0"]))
@example(IPv6Address("::1"), "")
@example(IPv6Address("0:0:0:1::"), "")
@example(IPv6Address("1:0:0:2:ffff::"), "")
@example(IPv6Address("::ffff:0:1"), "")
@example(IPv6Address("::ffff:192.0.2.7"), "")
def test_of_ipv6_the_network_counts_however_the_address_is_written(address: IPv6Address, zone: str) -> None:
    for written in (str(address), address.exploded, str(address).upper()):
        if address.ipv4_mapped is None:
            assert sender_of(written + zone) == str(ip_network((address, 64), strict=False))
        else:
            assert sender_of(written) == written


@given(st.ip_addresses(v=4).map(str))
def test_of_ipv4_the_address_counts(address: str) -> None:
    assert sender_of(address) == address


@pytest.mark.parametrize("said", ["", "unknown", ":", "1:2", "a\0:b", "\ud800:", "é::1", "::1/64"])
def test_what_is_no_address_counts_as_it_is(said: str) -> None:
    assert sender_of(said) == said
