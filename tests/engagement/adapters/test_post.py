"""The ways out: an SMTP server and the outbox folder, held to the same contract."""

import asyncio
import email
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from msgspec import structs

from adapters.engagement.mail.folder import FolderPost, listed, read
from adapters.engagement.mail.smtp import SmtpPost
from engagement.ports import Post
from tests.engagement.samples import BASE_URL, mail, message, recipient

FROM = "no-reply@gv.example"


class Inbox:
    """What an SMTP server took in. Answers each recipient as told."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.connections = 0
        self.answers: dict[str, str] = {}

    async def handle_EHLO(self, _s: SMTP, session: Any, _e: Envelope, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(self, _s: SMTP, _session: Any, envelope: Envelope, address: str, _o: list[str]) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _s: SMTP, _session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        return "250 OK"


class AnyPort(Controller):
    """Listens on a port that is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def smtp_server(inbox: Inbox) -> Iterator[str]:
    controller = AnyPort(inbox, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(params=["smtp", "folder"])
def way_out(request: pytest.FixtureRequest, tmp_path: Path, inbox: Inbox) -> Iterator[tuple[Post, Callable[[], Any]]]:
    if request.param == "folder":
        folder = tmp_path / "out"
        post: Post = FolderPost(folder, mail_from=FROM, base_url=BASE_URL)
        yield post, lambda: [path.read_bytes() for path in sorted(folder.glob("*.eml"))]
        return
    with smtp_server(inbox) as address:
        yield SmtpPost(address, mail_from=FROM, base_url=BASE_URL), lambda: inbox.mails


def test_mails_leave_and_each_gets_its_answer(way_out: tuple[Post, Callable[[], Any]]) -> None:
    post, arrived = way_out
    mails = [mail(), mail(to=recipient(email="ben@example.com"))]
    deliveries = asyncio.run(post.deliver(mails))
    assert [(d.message_id, d.result) for d in deliveries] == [(m.message_id, "accepted") for m in mails]
    parsed = [email.message_from_bytes(raw, policy=default) for raw in arrived()]
    got = {message["To"]: message for message in parsed}
    assert got.keys() == {"ada@example.com", "ben@example.com"}
    assert got["ada@example.com"]["Subject"] == mails[0].subject
    html = got["ada@example.com"].get_body(("html",))
    assert html is not None
    assert html.get_content().splitlines() == mails[0].html.splitlines()


def test_one_unusable_address_stops_nobody(way_out: tuple[Post, Callable[[], Any]]) -> None:
    post, arrived = way_out
    mails = [mail(to=recipient(email="not an address@x")), mail()]
    deliveries = asyncio.run(post.deliver(mails))
    assert [d.result for d in deliveries] == ["refused", "accepted"]
    assert deliveries[0].error == "unusable_address"
    assert len(arrived()) == 1


def test_the_same_mail_again_is_the_same_mail(way_out: tuple[Post, Callable[[], Any]]) -> None:
    post, arrived = way_out
    again = mail()
    for _ in range(2):
        (delivery,) = asyncio.run(post.deliver([again]))
        assert delivery.result == "accepted"
    ids = {email.message_from_bytes(raw, policy=default)["Message-ID"] for raw in arrived()}
    assert len(ids) == 1


def test_one_connection_carries_a_batch_and_refusals_are_told_apart(inbox: Inbox) -> None:
    inbox.answers = {"gone@example.com": "550 no such user", "full@example.com": "452 mailbox full"}
    mails = [mail(to=recipient(email=f"{who}@example.com")) for who in ("gone", "full", "ada")]
    with smtp_server(inbox) as address:
        deliveries = asyncio.run(SmtpPost(address, mail_from=FROM, base_url=BASE_URL).deliver(mails))
    assert [d.result for d in deliveries] == ["refused", "try_again", "accepted"]
    assert [d.error for d in deliveries] == ["smtp_550", "smtp_452", ""]
    assert inbox.connections == 1


def test_a_server_that_is_away_is_tried_again() -> None:
    post = SmtpPost("smtp://127.0.0.1:1", mail_from=FROM, base_url=BASE_URL, timeout=2)
    deliveries = asyncio.run(post.deliver([mail(), mail()]))
    assert [d.result for d in deliveries] == ["try_again", "try_again"]
    assert "example" not in deliveries[0].error


def test_a_server_that_says_nothing_does_not_hold_us() -> None:
    @asynccontextmanager
    async def silent() -> AsyncIterator[int]:
        server = await asyncio.start_server(lambda _r, _w: asyncio.sleep(30), "127.0.0.1", 0)
        yield server.sockets[0].getsockname()[1]
        server.close()

    async def run() -> str:
        async with silent() as port:
            post = SmtpPost(f"smtp://127.0.0.1:{port}", mail_from=FROM, base_url=BASE_URL, timeout=0.3)
            return (await post.deliver([mail()]))[0].result

    assert asyncio.run(run()) == "try_again"


@pytest.mark.parametrize("address", ["mail.example", "http://mail.example", "smtp://", "smtp:///x"])
def test_an_smtp_address_that_means_nothing_is_refused_at_start(address: str) -> None:
    with pytest.raises(ValueError, match="SMTP address"):
        SmtpPost(address, mail_from=FROM, base_url=BASE_URL)


def test_the_folder_lists_the_newest_first_and_nothing_unfinished(tmp_path: Path) -> None:
    mails = sorted([mail(), mail()], key=lambda written: written.message_id)
    asyncio.run(FolderPost(tmp_path, mail_from=FROM, base_url=BASE_URL).deliver(mails))
    assert [entry.message_id for entry in listed(tmp_path)] == [mails[1].message_id, mails[0].message_id]
    assert read(tmp_path, mails[0].message_id, ".html") == mails[0].html.encode()
    assert read(tmp_path, message().message_id, ".html") is None
    assert not list(tmp_path.glob("*.part"))
    assert listed(tmp_path / "nowhere") == []


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    (delivery,) = asyncio.run(FolderPost(blocked, mail_from=FROM, base_url=BASE_URL).deliver([mail()]))
    assert delivery.result == "try_again"


def test_a_subject_in_any_script_arrives(tmp_path: Path) -> None:
    written = structs.replace(mail(), subject="Präm🎉ie – " + "ü" * 120)
    asyncio.run(FolderPost(tmp_path, mail_from=FROM, base_url=BASE_URL).deliver([written]))
    raw = next(tmp_path.glob("*.eml")).read_bytes()
    assert email.message_from_bytes(raw, policy=default)["Subject"] == written.subject
