"""Steps about invite codes, of which tracking hears."""

from datetime import datetime, timedelta

from pytest_bdd import given, parsers, when

from kernel.codes import normalise
from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import order_with
from tests.features.tracking.steps_steering import tell
from tracking.domain.hint import OrderHint

MONTH = timedelta(days=30)


def invite(
    front: Shopfront, code: str, *, inviter: str = "", campaign: str = "", until: datetime | None = None
) -> None:
    fact = {
        "code": normalise(code),
        "inviter_id": front.ids(inviter).customer_id if inviter else None,
        "campaign": campaign,
        "seats": 5,
        "valid_from": front.now() - MONTH,
        "expires_at": until or front.now() + MONTH,
        "created_at": front.now() - MONTH,
    }
    front.shop.tell("tracking", "acquisition.invite_created", fact)


@given(parsers.parse('Ada invites friends with the code "{code}"'))
@when(parsers.parse('the news arrives that Ada invites friends with the code "{code}"'))
def invites(front: Shopfront, code: str) -> None:
    invite(front, code, inviter="Ada")


@given(parsers.parse('Ada invited friends with the code "{code}" until yesterday'))
def invited_until(front: Shopfront, code: str) -> None:
    invite(front, code, inviter="Ada", until=front.now() - timedelta(days=1))


@given(parsers.parse('the campaign "{name}" invites friends with the code "{code}"'))
def campaign_invites(front: Shopfront, name: str, code: str) -> None:
    invite(front, code, campaign=name)


@when("the news arrives that Ben had joined with Ada's invite code")
def joined(front: Shopfront) -> None:
    assert front.found()["attribution"]["method"] is None
    fact = {
        "code": "J01N2026",
        "inviter_id": front.ids("Ada").customer_id,
        "customer_id": front.ids("Ben").customer_id,
        "person_id": front.ids("Ben").person_id,
        "seats_left": 3,
        "redeemed_at": front.now() - timedelta(days=1),
    }
    front.shop.tell("tracking", "acquisition.invite_redeemed", fact)


@when(parsers.parse('Ben orders with "{code}" in the shop\'s field for invite codes'))
def with_field(front: Shopfront, code: str) -> None:
    order_with(front, "Ben", invite=code)


@when(parsers.parse('Ben orders without any code, and his browser tells of the code "{code}"'))
def with_code_in_browser(front: Shopfront, code: str) -> None:
    order_with(front, "Ben")
    front.settled()
    tell(front, OrderHint(order_ref=front.orders[-1]["name"], codes=(code,), at=front.now()))
    assert front.found()["attribution"]["method"] is None
