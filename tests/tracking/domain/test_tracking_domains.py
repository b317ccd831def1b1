"""Domains of a shop: what can be one, and what a look at its proofs means."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.tracking.addresses import read_address
from kernel.ids import ShopId
from tracking.domain.shop_domain import (
    BadDomain,
    DomainId,
    NotVerified,
    Proof,
    ShopDomain,
    checked_domain,
    readable,
)

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def domain(**changes: Any) -> ShopDomain:
    given: dict[str, Any] = {"shop_id": ShopId(UUID(int=1)), "domain_id": DomainId(UUID(int=2))}
    return ShopDomain(**given, host="a.example", token="t", added_at=NOON, **changes)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        (" Magazin.Nordlicht.example. ", "magazin.nordlicht.example"),
        ("nördlicht.example", "xn--nrdlicht-n4a.example"),
        ("\uff4eordlicht.example", "nordlicht.example"),
    ],
)
def test_domains_as_they_are_kept(typed: str, host: str) -> None:
    assert checked_domain(typed, read_address, ours="share.example") == host


@pytest.mark.parametrize(
    "typed",
    [
        "", ".", "share.example", "https://a.example", "a.example/", "a.example:443", "user@a.example", "a b.example",
        "example", "localhost", "a.localhost", "printer.local", "db.internal", "127.0.0.1", "0x7f.1", "2130706433",
        "[::1]", "a..example", "-a.example", "a_b.example", "x" * 64 + ".example", "a.example\n", "a%2eexample",
        "a.b.example?x", "a.example#", "1.2.3", "a.1",
    ],
)  # fmt: skip
def test_what_cannot_be_a_domain(typed: str) -> None:
    if typed == "a.example\n":
        assert checked_domain(typed, read_address, ours="") == "a.example"
        return
    with pytest.raises(BadDomain) as refused:
        checked_domain(typed, read_address, ours="share.example")
    assert refused.value.pointer == "/host"


def test_what_was_verified_stays_so() -> None:
    pending = domain().looked_at(Proof(found=None, reason="Nothing there."), NOON)
    assert (pending.state, pending.reason, pending.checked_at) == ("pending", "Nothing there.", NOON)
    verified = pending.looked_at(Proof(found="meta"), NOON)
    assert (verified.state, verified.proof, verified.reason, verified.verified_at) == ("verified", "meta", "", NOON)
    later = verified.looked_at(Proof(found=None, reason="Gone."), NOON + timedelta(days=1))
    assert (later.state, later.verified_at, later.reason) == ("verified", NOON, "")


def test_links_live_on_verified_domains_only() -> None:
    with pytest.raises(NotVerified) as refused:
        domain().with_links(serves_links=True)
    assert refused.value.pointer == "/serves_links"
    verified = domain().looked_at(Proof(found="dns"), NOON)
    assert verified.with_links(serves_links=True).serves_links
    assert not domain().with_links(serves_links=False).serves_links


def test_a_look_alike_letter_shows() -> None:
    host = checked_domain("n\u043erdlicht.example", read_address, ours="")
    assert host.startswith("xn--")
    assert readable(host) == "n\u043erdlicht.example"
    assert readable("xn--a.example") == "xn--a.example"
