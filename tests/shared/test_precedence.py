"""Who goes first, and who gives way."""

import asyncio
from collections.abc import Sequence
from unittest.mock import Mock

from adapters.engagement.mail.courteous import MOST_S, CourteousPost
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


def test_nobody_waits_for_ever_though_the_hurry_has_no_end() -> None:
    async def scenario() -> bool:
        precedence = Precedence()
        precedence.hurry(on=True)
        async with asyncio.timeout(5):
            await precedence.give_way(0.01)
        return precedence.in_a_hurry

    assert asyncio.run(scenario())


def test_mails_give_way_before_they_go_out() -> None:
    done: list[object] = []

    class Noted(Precedence):
        async def give_way(self, most_s: float) -> None:
            done.append(most_s)

    class Sent:
        async def deliver(self, mails: Sequence[Mail]) -> Sequence[Delivery]:
            done.append("sent")
            return []

    asyncio.run(CourteousPost(Sent(), Noted()).deliver([]))
    assert done == [MOST_S, "sent"]


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
