"""How many mails are in memory while a batch is sent."""

from typing import Any

from engagement.application.send_messages import AT_ONCE, BATCH, SendMessages
from engagement.ports import Mail
from tests.engagement.adapters.test_queue import SHOP, Bench, about, quiet
from tests.engagement.samples import writer

__all__ = ["quiet"]


def test_no_more_mails_are_written_than_leave_at_once(quiet: Any) -> None:
    async def test(bench: Bench) -> None:
        unsent: list[int] = []

        class Counting:
            def write(self, *arguments: Any, **options: Any) -> Mail:
                unsent.append(len(unsent) + 1 - len(bench.post.mails))
                return writer().write(*arguments, **options)

        await bench.queue(*(about(number) for number in range(BATCH)))
        assert await SendMessages(bench.begin, bench.look_up, Counting(), bench.post, b"key")(SHOP) == BATCH
        assert max(unsent) == AT_ONCE

    quiet(test)
