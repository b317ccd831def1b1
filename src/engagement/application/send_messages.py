"""Send the messages of one shop that are due. No network call happens inside a transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from engagement.domain.consent import MalformedAddress, address_hash
from engagement.domain.message import Message, Recipient, SkipReason, Standing, refusal_to_send, wait_before_retry
from engagement.ports import BeginWork, Delivery, LookUpRecipients, Mail, MailWriter, Outcome, Post, Shop
from kernel.errors import DomainError
from kernel.events import Clock
from kernel.ids import CustomerId, ShopId

BATCH: Final = 50
AT_ONCE: Final = 10
"""Mails between two notes of what was sent: as many may leave twice when the process is cut off."""
HOLD: Final = timedelta(minutes=5)
"""A batch that nobody settled within this time was cut off: its messages are due again."""

Nobody = Standing()


@dataclass(frozen=True, slots=True)
class SendMessages:
    """Claims, looks up, renders, sends and settles batch by batch until nothing is due; returns how many were sent.

    A crash between sending and settling mails those few again, with the same Message-IDs: at least once.
    """

    begin: BeginWork
    look_up: LookUpRecipients
    writer: MailWriter
    post: Post | None
    suppression_key: bytes

    async def __call__(self, shop_id: ShopId) -> int:
        if self.post is None:
            async with self.begin(shop_id) as work:
                await work.messages.skip_all_due("mail_not_configured")
            return 0
        total = 0
        while True:
            async with self.begin(shop_id) as work:
                messages = await work.messages.claim(BATCH, HOLD)
                shop = work.shop
            if not messages:
                return total
            total += await self._send(self.post, shop, messages)

    async def _send(self, post: Post, shop: Shop, messages: Sequence[Message]) -> int:
        try:
            people = await self.look_up(shop.shop_id, sorted({m.customer_id for m in messages}))
        except DomainError as refused:
            outcomes = [outcome(message, "try_again", refused.code) for message in messages]
            async with self.begin(shop.shop_id) as work:
                await work.messages.settle(outcomes, ())
            return 0
        hashes = self._hashes(shop.shop_id, people)
        async with self.begin(shop.shop_id) as work:
            standings = await work.consents.standings(hashes)
            skipped = self._skipped(messages, people, hashes, standings, work.now)
            await work.messages.skip(skipped)
            now = work.now()
        wanted = [message for message in messages if message.message_id not in skipped]
        total = 0
        for start in range(0, len(wanted), AT_ONCE):
            few = wanted[start : start + AT_ONCE]
            # Not the whole batch: a mail is 30 kB, and many shops' batches are sent at the same time.
            mails = [
                self.writer.write(shop, m, people[m.customer_id], hashed=hashes[m.customer_id], now=now) for m in few
            ]
            total += await self._deliver(post, shop.shop_id, few, mails)
        return total

    async def _deliver(self, post: Post, shop_id: ShopId, messages: Sequence[Message], mails: Sequence[Mail]) -> int:
        by_id = {message.message_id: message for message in messages}
        deliveries = await post.deliver(mails)
        outcomes = [settled(by_id[delivery.message_id], delivery) for delivery in deliveries]
        sent = [by_id[o.message_id] for o in outcomes if o.result == "sent"]
        async with self.begin(shop_id) as work:
            await work.messages.settle(outcomes, sent)
        return len(sent)

    def _hashes(self, shop_id: ShopId, people: Mapping[CustomerId, Recipient]) -> dict[CustomerId, str]:
        hashes = {}
        for person in people.values():
            try:
                hashes[person.customer_id] = address_hash(self.suppression_key, shop_id, person.email or "")
            except MalformedAddress:
                continue
        return hashes

    def _skipped(
        self,
        messages: Sequence[Message],
        people: Mapping[CustomerId, Recipient],
        hashes: Mapping[CustomerId, str],
        standings: Mapping[CustomerId, Standing],
        now: Clock,
    ) -> dict[UUID, SkipReason]:
        skipped: dict[UUID, SkipReason] = {}
        for message in messages:
            who = message.customer_id
            reason = refusal_to_send(
                message, people.get(who), standings.get(who, Nobody), purpose="rewards", now=now()
            ) or (None if who in hashes else "no_email")
            if reason:
                skipped[message.message_id] = reason
        return skipped


def settled(message: Message, delivery: Delivery) -> Outcome:
    if delivery.result == "accepted":
        return Outcome(message_id=message.message_id, result="sent")
    return outcome(message, "given_up" if delivery.result == "refused" else "try_again", delivery.error)


def outcome(message: Message, result: str, error: str) -> Outcome:
    """A failed try: wait and try again, or give up after the last one."""
    wait = wait_before_retry(message.tries)
    if result == "given_up" or wait is None:
        return Outcome(message_id=message.message_id, result="given_up", error=error)
    return Outcome(message_id=message.message_id, result="try_again", error=error, wait=wait)
