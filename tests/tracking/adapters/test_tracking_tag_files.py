"""The tag's files as browsers and caches get them."""

import base64
import gzip
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient, create_test_client
from structlog.testing import capture_logs

from adapters.tracking.tag.files import DIST, NotBuilt, TagFiles, coding_for, read_build
from adapters.tracking.tag.route import build_or_none, tag_route
from tests.support.tag import built_tag

DAY = 86_400


@pytest.fixture(scope="module")
def files() -> TagFiles:
    return built_tag()


@pytest.fixture(scope="module")
def client(files: TagFiles) -> Iterator[TestClient[Litestar]]:
    with create_test_client([tag_route(files)]) as opened:
        yield opened


def max_age(header: str) -> int:
    return int(header.partition("max-age=")[2].partition(",")[0])


def test_the_stable_name_is_kept_for_minutes_and_asked_for_again(client: TestClient[Litestar]) -> None:
    first = client.get("/tag/grapevine.js", headers={"origin": "https://shop.example"})
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    assert max_age(first.headers["cache-control"]) <= 300
    assert "immutable" not in first.headers["cache-control"]
    again = client.get("/tag/grapevine.js", headers={"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert "content-length" not in again.headers


def test_a_name_with_a_hash_is_kept_for_a_year(client: TestClient[Litestar], files: TagFiles) -> None:
    for script in (files.manifest.core, files.manifest.loader):
        answer = client.get(f"/tag/{script.file}")
        assert max_age(answer.headers["cache-control"]) == 365 * DAY
        assert "immutable" in answer.headers["cache-control"]
        digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
        assert script.integrity == f"sha384-{digest}"
        assert hashlib.sha256(answer.content).hexdigest()[:16] in script.file


def test_the_loader_names_the_core_and_its_checksum(client: TestClient[Litestar], files: TagFiles) -> None:
    loader = client.get("/tag/grapevine.js").text
    assert files.manifest.core.file in loader
    assert files.manifest.core.integrity in loader
    assert client.get("/tag/manifest.json").json()["loader"]["integrity"] == files.manifest.loader.integrity


def test_it_stays_as_small_as_promised(files: TagFiles) -> None:
    for script, most in ((files.manifest.loader, 4096), (files.manifest.core, 12_288)):
        assert len(gzip.compress((DIST / script.file).read_bytes(), 9)) <= most
        assert len((DIST / f"{script.file}.gz").read_bytes()) == script.gzipped


@pytest.mark.parametrize("accepted", ["br", "gzip", "identity"])
def test_every_form_holds_the_same_script(client: TestClient[Litestar], files: TagFiles, accepted: str) -> None:
    name = files.manifest.core.file
    plain = (DIST / name).read_bytes()
    answer = client.get(f"/tag/{name}", headers={"accept-encoding": accepted})
    sent = answer.headers.get("content-encoding", "identity")
    assert sent == accepted
    assert answer.headers["vary"] == "accept-encoding"
    assert int(answer.headers["content-length"]) == len(plain) if accepted == "identity" else len(answer.content)
    if accepted != "br":  # a client without Brotli keeps the bytes as they are
        assert answer.content == plain


def test_forms_have_checksums_of_their_own(client: TestClient[Litestar]) -> None:
    codings = ("br", "gzip", "identity")
    etags = {client.get("/tag/grapevine.js", headers={"accept-encoding": one}).headers["etag"] for one in codings}
    assert len(etags) == 3


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("", ""), ("gzip, deflate, br", "br"), ("br;q=0, gzip", "gzip"), ("*", "br"), ("identity;q=1", ""),
     ("GZIP;q=0.5", "gzip"), ("br;q=0,*;q=0", ""), ("zstd", "")],
)  # fmt: skip
def test_the_form_follows_what_the_client_takes(accepted: str, coding: str) -> None:
    assert coding_for(accepted, {"": b"", "br": b"", "gzip": b""}) == coding


def test_any_shops_page_may_read_it(client: TestClient[Litestar]) -> None:
    for name in ("grapevine.js", "manifest.json"):
        headers = client.get(f"/tag/{name}", headers={"origin": "https://shop.example"}).headers
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["x-content-type-options"] == "nosniff"
    asked = client.options("/tag/grapevine.js", headers={"origin": "https://shop.example"})
    assert asked.status_code == 204
    assert "GET" in asked.headers["access-control-allow-methods"]


def test_what_is_not_there_is_not_found(client: TestClient[Litestar]) -> None:
    assert client.get("/tag/core.0000000000000000.js").status_code == 404
    assert client.post("/tag/grapevine.js").status_code == 405
    head = client.head("/tag/grapevine.js", headers={"accept-encoding": "identity"})
    assert head.content == b""
    assert int(head.headers["content-length"]) == len(client.get("/tag/grapevine.js").content)


def test_without_a_build_everything_else_works_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing() -> TagFiles:
        return read_build(tmp_path)

    monkeypatch.setattr("adapters.tracking.tag.route.read_build", missing)
    with capture_logs() as said:
        found = build_or_none()
    assert [line["event"] for line in said] == ["tag_not_built"]
    with create_test_client([tag_route(found)]) as client:
        answer = client.get("/tag/grapevine.js")
    assert answer.status_code == 503
    assert "not built" in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("lost", ["manifest.json", "core", "grapevine"])
def test_half_a_build_is_none(tmp_path: Path, files: TagFiles, lost: str) -> None:
    copy = tmp_path / "dist"
    shutil.copytree(DIST, copy)
    next(copy.glob(f"{lost}*")).unlink()
    with pytest.raises(NotBuilt):
        read_build(copy)


def test_the_lock_file_names_no_registry() -> None:
    lock = (Path(__file__).parents[3] / "frontends" / "package-lock.json").read_text("utf-8")
    assert [line for line in lock.splitlines() if '"resolved"' in line and "://" in line] == []
    assert '"integrity": "sha512-' in lock
