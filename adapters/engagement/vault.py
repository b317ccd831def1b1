"""Asks the shop's vault whom a mail goes to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct

from adapters.shared.context import Ask
from engagement.domain.message import Recipient
from engagement.ports import LookUpRecipients
from kernel.ids import CustomerId, ShopId


class Question(Struct, frozen=True, kw_only=True):
    """`shops.customer_profiles`, as engagement asks it."""

    shop_id: ShopId
    customer_ids: list[CustomerId]


class Profile(Struct, frozen=True, kw_only=True):
    customer_id: UUID
    email: str | None = None
    first_name: str = ""
    locale: str | None = None


class Reply(Struct, frozen=True, kw_only=True):
    profiles: list[Profile]


def recipients_from(ask: Ask) -> LookUpRecipients:
    async def look_up(shop_id: ShopId, customer_ids: Sequence[CustomerId]) -> Mapping[CustomerId, Recipient]:
        question = Question(shop_id=shop_id, customer_ids=list(customer_ids))
        reply = await ask("shops.customer_profiles", question, Reply)
        return {
            CustomerId(profile.customer_id): Recipient(
                customer_id=CustomerId(profile.customer_id),
                email=profile.email,
                first_name=profile.first_name,
                locale=profile.locale,
            )
            for profile in reply.profiles
        }

    return look_up
