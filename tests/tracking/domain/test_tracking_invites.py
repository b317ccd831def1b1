"""Invite codes that friends bring to the checkout: forgiven, in their time, counted once, by the chain alone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kernel.ids import CustomerId
from tests.tracking.domain.attributing import (
    ADA,
    BEN,
    DAY,
    NOON,
    ORDER,
    ZOE,
    advocate,
    attribute,
    chains,
    everything_on,
    losses,
    order,
)
from tracking.domain.attribution import Credit, Known, KnownInvite, KnownSeat, Plan, Step
from tracking.domain.attribution.case import CLOCK_TOLERANCE
from tracking.domain.decision import Decided
from tracking.domain.hint import OrderHint

INVITER = CustomerId(UUID(int=30))
SEAT = KnownSeat(code="J01N2026", inviter_id=INVITER, campaign="", person_id=BEN, redeemed_at=NOON - 2 * DAY)
HINT = OrderHint(order_ref="1", codes=("J01N2026",), at=NOON)


def _invite(**changes: Any) -> KnownInvite:
    values: dict[str, Any] = {"code": "J01N2026", "inviter_id": INVITER, "campaign": ""}
    return KnownInvite(**values | {"valid_from": NOON - 9 * DAY, "expires_at": NOON + DAY} | changes)


def _decided(
    carried: dict[str, Any], invite: KnownInvite | None = None, plan: Plan | None = None, **known: Any
) -> Decided:
    found = invite or _invite()
    values: dict[str, Any] = {
        "invites": {found.code: found},
        "advocates_by_customer": {INVITER: [advocate(ADA, "ADA22026")]},
        **chains(plan or everything_on()),
        **known,
    }
    return attribute(order(**carried), Known(**values))


@pytest.mark.parametrize(
    ("carried", "known"),
    [
        ({"codes": ("join-2o26",)}, {}),
        ({"codes": ("SUMMER!", "j01n 2026")}, {}),
        ({"attributes": (("grapevine_invite", "JOIN 2026"),)}, {}),
        ({}, {"hints": {"1": [HINT]}}),
    ],
    ids=["code", "second code", "attribute", "browser"],
)
def test_an_invite_code_is_found_wherever_it_was_typed(carried: dict[str, Any], known: dict[str, Any]) -> None:
    winner = _decided(carried, **known).winner
    assert winner is not None
    assert (winner.method, winner.advocate_id, winner.evidence) == ("invite_code", ADA, "J01N-2026")
    assert winner.touched_at == NOON
    assert winner.reason.startswith("The advocate's invite code J01N-2026 was ")


def test_other_attributes_are_no_invite_codes() -> None:
    decided = _decided({"attributes": (("grapevine_code", "J01N2026"),)})
    assert (decided.winner, losses(decided)) == (None, [])


@pytest.mark.parametrize(
    ("invite", "loss"),
    [
        (_invite(expires_at=NOON), "expired"),
        (_invite(expires_at=NOON + timedelta(microseconds=1)), None),
        (_invite(valid_from=NOON + CLOCK_TOLERANCE), None),
        (_invite(valid_from=NOON + CLOCK_TOLERANCE + timedelta(microseconds=1)), "not_yet_valid"),
        (_invite(inviter_id=CustomerId(UUID(int=31))), "unknown"),
    ],
    ids=["at its end", "just before its end", "at its start", "before its start", "no advocate's"],
)
def test_an_invite_code_counts_in_its_time(invite: KnownInvite, loss: str | None) -> None:
    decided = _decided({"codes": ("J01N2026",)}, invite)
    assert (decided.winner is None, losses(decided)) == (bool(loss), [("invite_code", loss)] if loss else [])


def test_a_code_that_was_redeemed_and_typed_counts_once() -> None:
    decided = _decided({"codes": ("J01N2026",), "person_id": BEN}, seats={BEN: [SEAT]})
    assert decided.winner is not None
    assert (decided.winner.touched_at, decided.losers) == (NOON, ())


def test_a_seat_counts_even_when_its_code_has_run_out_since() -> None:
    decided = _decided({"codes": ("J01N2026",), "person_id": BEN}, _invite(expires_at=NOON), seats={BEN: [SEAT]})
    assert decided.winner is not None
    assert (decided.winner.touched_at, losses(decided)) == (SEAT.redeemed_at, [("invite_code", "expired")])


def test_a_campaigns_code_credits_the_programmes_that_name_the_campaign() -> None:
    fair = _invite(inviter_id=None, campaign="spring sale")
    winner = _decided({"codes": ("J01N2026",)}, fair).winner
    assert winner is not None
    assert (winner.advocate_id, winner.campaign) == (None, "Spring Sale")
    decided = _decided({"codes": ("J01N2026",)}, _invite(inviter_id=None, campaign="Autumn"))
    assert (decided.winner, losses(decided)) == (None, [])


def test_the_chain_says_whether_it_counts_and_before_what() -> None:
    off = everything_on(steps=(Step(method="manual"), Step(method="invite_code", on=False)))
    decided = _decided({"codes": ("J01N2026",)}, plan=off)
    assert (decided.winner, losses(decided)) == (None, [("invite_code", "switched_off")])
    both = {"codes": ("J01N2026", "Z0E5-2026")}
    zoe = {"Z0E52026": [advocate(ZOE)]}
    usual = _decided(both, advocates_by_code=zoe)
    assert (usual.winner and usual.winner.advocate_id, losses(usual)) == (ZOE, [("invite_code", "outranked")])
    first = everything_on(steps=tuple(Step(method=each) for each in ("manual", "invite_code", "coupon_code")))
    invited = _decided(both, plan=first, advocates_by_code=zoe)
    assert (invited.winner and invited.winner.advocate_id, losses(invited)) == (ADA, [("coupon_code", "outranked")])


def test_what_a_person_says_stands_above_an_invite_code() -> None:
    credit = Credit(
        order_id=ORDER, programme_id=advocate().programme_id, advocate_id=ZOE, reason="She called.", credited_at=NOON
    )
    decided = _decided({"codes": ("J01N2026",)}, credits={ORDER: credit})
    assert (decided.winner and decided.winner.method, losses(decided)) == ("manual", [("invite_code", "outranked")])


def test_where_no_chain_looks_at_invite_codes_the_coupon_code_says_that_it_is_unknown() -> None:
    decided = attribute(order(codes=("J01N2026",)), Known())
    assert losses(decided) == [("coupon_code", "unknown")]
