"""Looking for a domain's proofs: what counts, and where we do not go."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import httpx2
import pytest

from adapters.tracking.proofs import MOST_BYTES, PublicProofs, has_tag, is_public
from kernel.ids import ShopId
from tracking.domain.shop_domain import DomainId, Proof, ShopDomain

TOKEN = "0123456789abcdef0123456789abcdef"
DOMAIN = ShopDomain(
    shop_id=ShopId(UUID(int=1)),
    domain_id=DomainId(UUID(int=2)),
    host="a.example",
    token=TOKEN,
    added_at=datetime(2026, 12, 1, tzinfo=UTC),
)


class Names:
    def __init__(self, texts: dict[str, list[str]], *addresses: str) -> None:
        self._texts = texts
        self._addresses = addresses

    async def texts(self, name: str) -> list[str]:
        return self._texts.get(name, [])

    async def addresses(self, host: str) -> list[str]:
        return list(self._addresses) if host == DOMAIN.host else []


def look(names: Names, pages: dict[str, httpx2.Response] | None = None) -> tuple[Proof, list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return (pages or {}).get(request.url.path, httpx2.Response(404))

    proof = asyncio.run(PublicProofs(names, httpx2.MockTransport(answer)).of(DOMAIN))
    return proof, asked


def test_a_dns_record_is_enough() -> None:
    proof, asked = look(Names({DOMAIN.record_name: ["v=spf1", f" {DOMAIN.record_text} "]}, "10.0.0.1"))
    assert proof.found == "dns"
    assert asked == []
    assert look(Names({"a.example": [DOMAIN.record_text]}, "192.88.99.9"))[0].found is None


def test_a_file_is_fetched_from_the_address_that_was_checked() -> None:
    page = httpx2.Response(200, text=TOKEN + "\n")
    proof, asked = look(Names({}, "93.184.215.14"), {DOMAIN.file_path: page})
    assert proof.found == "file"
    (request,) = asked
    assert str(request.url) == f"https://93.184.215.14{DOMAIN.file_path}"
    assert request.headers["host"] == "a.example"
    assert request.extensions["sni_hostname"] == "a.example"


def test_a_meta_tag_in_the_start_page() -> None:
    page = httpx2.Response(200, text=f"<html><head>{DOMAIN.meta_tag}</head>")
    assert look(Names({}, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"), {"/": page})[0].found == "meta"


@pytest.mark.parametrize(
    "page",
    [
        httpx2.Response(200, text=TOKEN + "x"),
        httpx2.Response(302, headers={"location": "http://127.0.0.1/"}),
        httpx2.Response(500, text=TOKEN),
        httpx2.Response(200, text=" " * MOST_BYTES + DOMAIN.meta_tag),
        httpx2.Response(200, text=DOMAIN.meta_tag.replace(TOKEN, TOKEN[::-1])),
        httpx2.Response(200, text=DOMAIN.meta_tag.replace("grapevine-verification", "verification")),
    ],
)
def test_what_is_no_proof(page: httpx2.Response) -> None:
    proof, asked = look(Names({}, "93.184.215.14"), {DOMAIN.file_path: page, "/": page})
    assert proof.found is None
    assert proof.reason
    assert len(asked) == 2


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::1",), ("not an address",), ("fe80::1%eth0",)]
)
def test_nothing_is_fetched_from_a_private_network(addresses: tuple[str, ...]) -> None:
    proof, asked = look(Names({}, *addresses), {"/": httpx2.Response(200, text=DOMAIN.meta_tag)})
    assert proof.found is None
    assert "private network" in proof.reason
    assert asked == []


def test_a_host_that_does_not_answer_is_no_error() -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    proofs = PublicProofs(Names({}, "93.184.215.14"), httpx2.MockTransport(refuse))
    assert asyncio.run(proofs.of(DOMAIN)).found is None
    assert "no address" in asyncio.run(PublicProofs(Names({})).of(DOMAIN)).reason


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.0.1", "192.0.2.1",
        "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
        "2002:a00:1::", "fc00::1", "fe80::1", "ff02::1", "2001:db8::1", "2001:0:a00:1::", "", "a.example",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("page", "there"),
    [
        (b"<META content='T' NAME=grapevine-verification />", True),
        (b'<meta name="grapevine-verification" content="T&amp;">', False),
        (b"<!-- --><p>grapevine-verification T</p>", False),
        (b"<meta name=grapevine-verification content=T", False),
    ],
)
def test_meta_tags(page: bytes, *, there: bool) -> None:
    assert has_tag(page, "T") is there
