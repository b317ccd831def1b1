"""Where a visitor comes from: the country file, and proxies that speak for others."""

from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]

from adapters.host.settings import Settings
from adapters.shared.http.client_address import address_reader
from adapters.tracking.countries import CountryFile


def write(path: Path, countries: dict[str, Any]) -> None:
    """A small MaxMind file; replaced at once, as an updater does."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="GeoLite2-Country")
    for network, record in countries.items():
        writer.insert_network(IPSet([network]), record)
    fresh = path.with_suffix(".new")
    writer.to_db_file(str(fresh))
    fresh.replace(path)


def test_countries_come_from_the_operators_file(tmp_path: Path) -> None:
    path = tmp_path / "countries.mmdb"
    germany, denmark = {"country": {"iso_code": "DE"}}, {"registered_country": {"iso_code": "DK"}}
    write(path, {"192.0.2.0/24": germany, "2001:db8::/32": denmark, "198.51.100.0/24": {"continent": {"code": "EU"}}})
    countries = CountryFile(path)
    assert countries.is_there
    assert countries("192.0.2.7") == "DE"
    assert countries("2001:db8::7") == "DK"
    assert [countries(address) for address in ("203.0.113.1", "198.51.100.1", "", "no address", "testclient")] == [
        None
    ] * 5


def test_a_changed_file_is_read_again_and_a_broken_one_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "countries.mmdb"
    countries = CountryFile(path)
    assert not countries.is_there
    assert countries("192.0.2.7") is None
    write(path, {"192.0.2.0/24": {"country": {"iso_code": "DE"}}})
    countries.look()
    assert countries("192.0.2.7") == "DE"
    write(path, {"192.0.2.0/24": {"country": {"iso_code": "SE"}}})
    countries.look()
    assert countries("192.0.2.7") == "SE"
    path.write_bytes(b"half a file")
    countries.look()
    assert countries("192.0.2.7") == "SE"
    path.unlink()
    countries.look()
    assert countries("192.0.2.7") == "SE"


def test_a_file_that_is_written_over_in_its_place_takes_nothing_away(tmp_path: Path) -> None:
    path = tmp_path / "countries.mmdb"
    write(path, {"192.0.2.0/24": {"country": {"iso_code": "DE"}}})
    countries = CountryFile(path)
    path.write_bytes(b"")
    assert countries("192.0.2.7") == "DE"
    assert list(tmp_path.iterdir()) == [path]


def test_without_a_file_there_are_no_countries() -> None:
    assert CountryFile(None)("192.0.2.7") is None


def address(trusted: str, peer: str, *forwarded: bytes) -> str:
    headers = [(b"x-forwarded-for", value) for value in forwarded]
    scope: Any = {"headers": headers, "client": (peer, 1) if peer else None}
    return address_reader(trusted)(scope)


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("10.0.0.1", [b"192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", [b"1.1.1.1, 192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        ("10.0.0.1", [b"1.1.1.1", b"192.0.2.7"], "192.0.2.7"),
        ("203.0.113.5", [b"192.0.2.7"], "203.0.113.5"),
        ("10.0.0.1", [b"192.0.2.7, unknown"], "10.0.0.1"),
        ("10.0.0.1", [b"10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [b""], "10.0.0.1"),
        ("10.0.0.1", [b"\xff"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", [b"192.0.2.7"], "192.0.2.7"),
        ("::ffff:203.0.113.5", [b"192.0.2.7"], "::ffff:203.0.113.5"),
        ("fd00::1", [b"2001:DB8:0::7"], "2001:db8::7"),
        ("", [b"192.0.2.7"], ""),
    ],
)
def test_only_trusted_proxies_speak_for_others(peer: str, forwarded: list[bytes], found: str) -> None:
    assert address("10.0.0.0/8, fd00::/8", peer, *forwarded) == found
    assert address("", peer, *forwarded) == peer


@pytest.mark.parametrize("text", ["10.0.0.0/99", "my proxy", "10.0.0.1/8"])
def test_what_is_no_network_stops_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings(trusted_proxies=text)
