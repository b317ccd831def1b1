"""Rewards changed: queue the mails that the changes are worth. Hot: hundreds of facts at once, a few statements."""

from collections.abc import Callable, Iterable
from uuid import UUID

from engagement.domain.message import Message, RewardNews, kind_for, worth_telling
from engagement.ports import Messages


async def queue_reward_messages(messages: Messages, news: Iterable[RewardNews], new_id: Callable[[], UUID]) -> None:
    """Runs in the transaction in which the facts were noted, so there is none to open."""
    queued = [
        Message(
            message_id=new_id(),
            kind=kind,
            reward_id=heard.reward_id,
            revision=heard.revision,
            programme_id=heard.programme_id,
            advocate_id=heard.advocate_id,
            side=heard.side,
            customer_id=heard.customer_id,
            amount_minor=heard.amount_minor,
            previous_amount_minor=heard.previous_amount_minor,
            currency=heard.currency,
            reason_code=heard.reason_code,
            approve_after=heard.approve_after,
            changed_at=heard.changed_at,
        )
        for heard in worth_telling(news)
        if (kind := kind_for(heard.change))
    ]
    if queued:
        await messages.queue(queued)
