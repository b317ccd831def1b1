"""Who goes first, and who gives way."""

import asyncio
import time
from collections.abc import Sequence
from unittest.mock import Mock

import pytest

from adapters.engagement.mail import courteous
from adapters.engagement.mail.courteous import CourteousPost
from adapters.shared.precedence import Precedence
from adapters.tracking.intake import Intake
from adapters.tracking.postgres.deliveries import ALL, Part
from engagement.ports import Delivery, Mail


def test_the_others_wait_while_there_is_a_hurry_and_no_longer() -> None:
    async def scenario() -> tuple[bool, bool]:
        precedence = Precedence()
        await precedence.give_way(60)
        precedence.hurry(on=True)
        waiting = asyncio.create_task(precedence.give_way(60))
        await asyncio.sleep(0.05)
        waited = not waiting.done()
        precedence.hurry(on=False)
        await asyncio.wait_for(waiting, 1)
        return waited, waiting.done()

    assert asyncio.run(scenario()) == (True, True)


def test_mails_go_out_though_the_hurry_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sent:
        async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]:
            return []

    async def scenario() -> float:
        precedence = Precedence()
        precedence.hurry(on=True)
        started = time.monotonic()
        await CourteousPost(Sent(), precedence).deliver([])
        return time.monotonic() - started

    monkeypatch.setattr(courteous, "MOST_S", 0.1)
    assert 0.1 <= asyncio.run(scenario()) < 1


def test_the_intake_is_in_a_hurry_while_the_shops_take_turns() -> None:
    async def scenario() -> list[bool]:
        precedence, stop = Precedence(), asyncio.Event()
        seen: list[bool] = []

        class Busy(Intake):
            async def round(self, part: Part = ALL) -> int:
                seen.append(precedence.in_a_hurry)
                await asyncio.sleep(0.25 if part == ALL else 0.0)
                if len(seen) > 1:
                    stop.set()
                return 1

        await Busy(Mock(), Mock(), Mock(), precedence)(stop)
        return [*seen, precedence.in_a_hurry]

    assert asyncio.run(scenario()) == [False, True, False]
