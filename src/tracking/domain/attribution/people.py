"""The methods that go by who the friend is, by what they said, or by a campaign. Weaker than any mark of ours."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.codes import shown
from kernel.ids import CustomerId, ProgrammeId
from tracking.domain.attribution.case import (
    CLOCK_TOLERANCE,
    Case,
    Found,
    claimed_late,
    expired,
    from_claim,
    from_click,
    loser,
)
from tracking.domain.attribution.known import KnownClaim, KnownClick, KnownInvite, in_words, invites_of, stored_form
from tracking.domain.decision import Method, Touch

SAME_ADDRESS: Final = timedelta(hours=1)


def friend_email(case: Case) -> Iterator[Found]:
    reason = "The order carries the e-mail address with which the friend claimed the deal."
    yield from _claims(case, "friend_email", case.known.claims_by_person.get(case.snapshot.person_id, ()), reason)


def phone(case: Case) -> Iterator[Found]:
    signs = case.snapshot.signs
    if signs is not None and signs.phone_id is not None:
        reason = "The order carries the telephone number with which the friend claimed the deal."
        yield from _claims(case, "phone", case.known.claims_by_phone.get(signs.phone_id, ()), reason)


def refer_by_name(case: Case) -> Iterator[Found]:
    """The friend named the advocate at checkout, on the order or to a page of the shop that told of it.

    In each programme the name counts when one advocate has it.
    """
    signs = case.snapshot.signs
    for key in dict.fromkeys((signs.name_key if signs else None, *(hint.name_key for hint in case.hints))):
        if key is not None:
            yield from _named(case, key)


def _named(case: Case, name_key: UUID) -> Iterator[Found]:
    evidence = str(name_key)
    named = case.known.advocates_by_name.get(name_key, ())
    if not named:
        yield loser("refer_by_name", evidence, "unknown", "No advocate has the name that the friend gave.")
    for programme_id in sorted({advocate.programme_id for advocate in named}):
        same = [advocate for advocate in named if advocate.programme_id == programme_id]
        if len(same) > 1:
            reason = f"{len(same)} advocates have the name that the friend gave: somebody has to say which one it was."
            yield loser("refer_by_name", evidence, "ambiguous", reason, None, programme_id)
            continue
        yield Touch(
            method="refer_by_name",
            programme_id=programme_id,
            advocate_id=same[0].advocate_id,
            evidence=evidence,
            touched_at=case.placed_at,
            reason="The friend named the advocate at checkout, and no other advocate has that name.",
        )


def invite_code(case: Case) -> Iterator[Found]:
    """The friend brought an invite code to the checkout, or had redeemed one: of an advocate, or of a campaign that a
    programme's chain names. A code that counts because it was typed counts once, even if it had been redeemed too."""
    typed = invites_of(case.snapshot)
    hinted = (code for hint in case.hints for code in map(stored_form, hint.codes) if code)
    counted = set()
    for code in dict.fromkeys((*typed, *hinted)):
        invite = case.known.invites.get(code)
        if invite is None or code in case.known.claims_by_code or code in case.known.advocates_by_code:
            continue
        if case.placed_at >= invite.expires_at:
            day = invite.expires_at.date().isoformat()
            yield loser("invite_code", shown(code), "expired", f"The invite code had run out on {day}.")
        elif case.placed_at + CLOCK_TOLERANCE < invite.valid_from:
            yield loser("invite_code", shown(code), "not_yet_valid", "The invite code was not valid yet.")
        else:
            counted.add(code)
            how = "typed at checkout" if code in typed else "named by the friend's browser at checkout"
            yield from _brought(case, invite, how)
    for seat in case.known.seats.get(case.snapshot.person_id, ()):
        if seat.code in counted:
            continue
        if case.is_after(seat.redeemed_at):
            reason = "The invite code was redeemed after the order had been placed."
            yield loser("invite_code", shown(seat.code), "too_late", reason)
        elif seat.inviter_id is not None:
            reason = f"The friend joined with the invite code {shown(seat.code)} of the advocate."
            yield from _invited(case, seat.code, seat.inviter_id, seat.redeemed_at, reason)
        else:
            reason = f"The friend joined with the code {shown(seat.code)} of the campaign {seat.campaign}."
            yield from _campaign(case, "invite_code", seat.campaign, shown(seat.code), reason, seat.redeemed_at)


def campaign_utm(case: Case) -> Iterator[Found]:
    """The order's own utm_campaign, or that of the click which the order or a hint names."""
    own = dict(case.snapshot.attributes).get("utm_campaign")
    if own:
        reason = f"The friend came to the shop through the campaign {own}."
        yield from _campaign(case, "campaign_utm", own, "order", reason, case.placed_at)
    for hint in case.hints:
        if hint.campaign:
            reason = f"The friend came to the shop through the campaign {hint.campaign}."
            yield from _campaign(case, "campaign_utm", hint.campaign, "browser", reason, case.placed_at)
    names = (case.snapshot.click_id, *(hint.click_id for hint in case.hints))
    for name in dict.fromkeys(name for name in names if name is not None):
        click = case.known.clicks.get(name)
        if click is None or not click.campaign or click.visitor != "person":
            continue
        if case.is_after(click.clicked_at):
            yield loser("campaign_utm", str(name), "too_late", "The link was tapped after the order had been placed.")
            continue
        reason = f"The friend tapped a link of the campaign {click.campaign}."
        yield from _campaign(case, "campaign_utm", click.campaign, str(name), reason, click.clicked_at)


def same_address(case: Case) -> Iterator[Found]:
    """A click of the hour before the order, from the address from which the browser reported the order within the hour.

    The report may come after the order: what was tapped in between led to nothing.
    """
    seen = set()
    for hint in case.hints:
        for click in case.known.clicks_by_address.get(hint.address_hash or b"", ()):
            before = hint.at - click.clicked_at
            if click.click_id in seen or not timedelta(0) <= before <= SAME_ADDRESS:
                continue
            seen.add(click.click_id)
            if click.visitor == "person" and click.advocate_id is not None and click.programme_id is not None:
                yield _from_address(case, click, click.programme_id)


def _from_address(case: Case, click: KnownClick, programme_id: ProgrammeId) -> Found:
    evidence = str(click.click_id)
    if case.is_after(click.clicked_at):
        reason = "The link was tapped after the order had been placed."
        return loser("same_address", evidence, "too_late", reason, click.advocate_id, programme_id)
    if case.placed_at - click.clicked_at > SAME_ADDRESS:
        reason = f"The link was tapped more than {in_words(SAME_ADDRESS)} before the order."
        return loser("same_address", evidence, "out_of_window", reason, click.advocate_id, programme_id)
    reason = "The advocate's link was tapped from the friend's address within an hour before the order."
    return from_click("same_address", evidence, click, programme_id, reason)


def _claims(case: Case, method: Method, claims: Iterable[KnownClaim], reason: str) -> Iterator[Found]:
    for claim in sorted(claims, key=lambda claim: (claim.claimed_at, claim.claim_id), reverse=True):
        evidence = str(claim.claim_id)
        if case.placed_at >= claim.expires_at:
            yield expired(method, evidence, claim)
        elif case.is_after(claim.claimed_at):
            yield claimed_late(method, evidence, claim)
        else:
            yield from_claim(method, evidence, claim, reason)


def _brought(case: Case, invite: KnownInvite, how: str) -> Iterator[Found]:
    code = shown(invite.code)
    if invite.inviter_id is not None:
        reason = f"The advocate's invite code {code} was {how}."
        yield from _invited(case, invite.code, invite.inviter_id, case.placed_at, reason)
    else:
        reason = f"The code {code} of the campaign {invite.campaign} was {how}."
        yield from _campaign(case, "invite_code", invite.campaign, code, reason, case.placed_at)


def _invited(case: Case, code: str, inviter_id: CustomerId, at: datetime, reason: str) -> Iterator[Found]:
    inviting = case.known.advocates_by_customer.get(inviter_id, ())
    if not inviting:
        yield loser("invite_code", shown(code), "unknown", "Whoever invited the friend is not an advocate.")
    for advocate in inviting:
        yield Touch(
            method="invite_code",
            programme_id=advocate.programme_id,
            advocate_id=advocate.advocate_id,
            evidence=shown(code),
            touched_at=at,
            reason=reason,
        )


def _campaign(
    case: Case, method: Method, name: str, evidence: str, reason: str, touched_at: datetime
) -> Iterator[Found]:
    """A touch for every programme whose chain names the campaign."""
    folded = name.strip().casefold()
    for programme_id in sorted(case.known.chains):
        plan = case.known.plan(programme_id, case.placed_at)[1]
        known_as = next((each for each in plan.campaigns if each.strip().casefold() == folded), None)
        if known_as is not None:
            yield Touch(
                method=method,
                programme_id=programme_id,
                advocate_id=None,
                campaign=known_as,
                evidence=evidence,
                touched_at=touched_at,
                reason=reason,
            )
