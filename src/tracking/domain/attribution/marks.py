"""The methods that go by a mark of ours on the order or in the browser, or by what a person of the shop said."""

from collections.abc import Iterator

from kernel.codes import shown
from kernel.ids import ClaimId, ClickId
from tracking.domain.attribution.case import Case, Found, claimed_late, expired, from_claim, from_click, loser
from tracking.domain.attribution.known import KnownAdvocate, KnownClaim, in_words, stored_form
from tracking.domain.decision import Method, Touch


def manual(case: Case) -> Iterator[Found]:
    credit = case.known.credits.get(case.order.order_id)
    if credit is not None:
        yield Touch(
            method="manual",
            programme_id=credit.programme_id,
            advocate_id=credit.advocate_id,
            evidence=credit.reason,
            touched_at=credit.credited_at,
            reason="Somebody at the shop credited the order to this advocate, and said why.",
        )


def signed_claim(case: Case) -> Iterator[Found]:
    if case.snapshot.bad_claim:
        yield loser(
            "signed_claim",
            "token",
            "invalid",
            "The order's proof of a claimed deal was forged, cut off or had expired.",
        )
    if case.snapshot.claim_id is not None:
        reason = "The friend came to the shop straight from the claimed deal."
        yield _claim(case, "signed_claim", case.snapshot.claim_id, reason)


def coupon_code(case: Case) -> Iterator[Found]:
    for typed in case.snapshot.codes:
        yield from _code(case, "coupon_code", typed, "was typed at checkout")


def click_id(case: Case) -> Iterator[Found]:
    if case.snapshot.bad_click:
        yield loser("click_id", "token", "invalid", "The order's proof of a click was forged, cut off or had expired.")
    if case.snapshot.click_id is not None:
        yield _click(case, "click_id", case.snapshot.click_id)


def cookie(case: Case) -> Iterator[Found]:
    """What the tag kept in the browser: the hints that name the order. A thing that several name counts once."""
    claims = dict.fromkeys(hint.claim_id for hint in case.hints if hint.claim_id is not None)
    for claim_id in claims:
        yield _claim(case, "cookie", claim_id, "The friend's browser still held the claimed deal at checkout.")
    for code in dict.fromkeys(code for hint in case.hints for code in hint.codes):
        yield from _code(case, "cookie", code, "was kept in the friend's browser")
    for name in dict.fromkeys(hint.click_id for hint in case.hints if hint.click_id is not None):
        yield _click(case, "cookie", name)


def _came_late(case: Case, method: Method, claim: KnownClaim) -> bool:
    """Whether a browser tells of a deal that was claimed after the order: whoever opens the thank-you page again tells
    of what they did since. What stands on the order itself was there when it was paid, however early it was begun."""
    return method == "cookie" and case.is_after(claim.claimed_at)


def _claim(case: Case, method: Method, claim_id: ClaimId, reason: str) -> Found:
    claim = case.known.claims.get(claim_id)
    if claim is None:
        return loser(method, str(claim_id), "unknown", "The claimed deal that the order names is not known here.")
    if case.placed_at >= claim.expires_at:
        return expired(method, str(claim.claim_id), claim)
    if _came_late(case, method, claim):
        return claimed_late(method, str(claim.claim_id), claim)
    return from_claim(method, str(claim.claim_id), claim, reason)


def _code(case: Case, method: Method, typed: str, how: str) -> Iterator[Found]:
    """A code of a claim or an advocate. An invite code has a method of its own, where a chain looks at those.

    Who claimed a deal may have handed its code on, or order under another address: the reason names nobody.
    """
    code = stored_form(typed)
    claim = case.known.claims_by_code.get(code) if code else None
    advocates = case.known.advocates_by_code.get(code, ()) if code else ()
    if claim is not None and case.placed_at >= claim.expires_at:
        yield expired(method, shown(claim.code), claim)
    elif claim is not None and _came_late(case, method, claim):
        yield claimed_late(method, shown(claim.code), claim)
    elif claim is not None:
        yield from_claim(method, shown(claim.code), claim, f"The code {shown(claim.code)} of the claimed deal {how}.")
    elif advocates:
        yield _advocates_code(case, method, advocates[0], how)
    elif code not in case.known.invites:
        reason = "The coupon code belongs to no advocate and to no claimed deal."
        yield loser(method, typed, "unknown" if code else "invalid", reason)


def _advocates_code(case: Case, method: Method, advocate: KnownAdvocate, how: str) -> Found:
    code = shown(advocate.code)
    alert = case.known.alerts.get(advocate.code)
    if alert is not None and alert.blocks(case.placed_at) and not case.known.is_exempt(advocate.code):
        reason = f"Many strangers use the code {code}, as happens when a coupon site shows it."
        return loser(method, code, "coupon_site", reason, advocate.advocate_id, advocate.programme_id)
    return Touch(
        method=method,
        programme_id=advocate.programme_id,
        advocate_id=advocate.advocate_id,
        evidence=code,
        touched_at=case.placed_at,
        reason=f"The advocate's code {code} {how}.",
    )


def _click(case: Case, method: Method, name: ClickId) -> Found:
    evidence = str(name)
    click = case.known.clicks.get(name)
    if click is None or click.advocate_id is None or click.programme_id is None:
        return loser(method, evidence, "unknown", "The click that the order names was not on an advocate's link.")
    why = case.why_not(method, click)
    if why is not None:
        return loser(method, evidence, why[0], why[1], click.advocate_id, click.programme_id)
    window = case.window(method, click)
    ago = in_words(window) if window is not None else ""
    reason = f"The friend tapped the advocate's link less than {ago} before the order."
    return from_click(method, evidence, click, click.programme_id, reason)
