"""Only the worker of an installation that lives on one server commits without waiting for the disk."""

import psycopg
import pytest

from adapters.host.composition import Installation
from tests.support.database import test_settings

ELSEWHERE = "referral=http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("in_batches", "peers", "waits"), [(False, "", True), (True, "", False), (True, ELSEWHERE, True)]
)
def test_who_waits_for_the_disk(*, in_batches: bool, peers: str, waits: bool) -> None:
    settings = test_settings(contexts="tracking", peers=peers)
    hosted = Installation(settings, "host=nowhere", in_batches=in_batches).contexts["tracking"]
    for database in (hosted.database, hosted.relay_database):
        options = str(psycopg.conninfo.conninfo_to_dict(database._conninfo)["options"])
        assert ("synchronous_commit=off" in options) is not waits
