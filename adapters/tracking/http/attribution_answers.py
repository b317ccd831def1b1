"""How a decision is shown: whom an order is credited to, and why the other ways did not count."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

from adapters.shared.http.bodies import Answer
from adapters.shared.http.ids import to_wire
from adapters.shared.texts import SOURCE
from adapters.tracking.http.shapes import LocaleName
from adapters.tracking.reasons import NOBODY, NOT_COUNTED, worded
from tracking.domain.decision import Decided, LossCode, Method

NotCredited = Literal["nobody", "not_counted"] | LossCode


class LoserAnswer(Answer, frozen=True, kw_only=True):
    """A way to an advocate that did not count, and why."""

    method: str
    evidence: str
    advocate_id: str | None
    reason_code: Annotated[str, Meta(examples=["outranked"])]
    reason: str


class ChainVersionAnswer(Answer, frozen=True, kw_only=True):
    programme_id: str
    version: int


class AttributionAnswer(Answer, frozen=True, kw_only=True):
    """Whom the order is credited to. `method` is null when nobody is."""

    chain_version: int
    """Of the programme that the order is credited to, else the highest of `chain_versions`; 1 is the default chain."""
    chain_versions: list[ChainVersionAnswer]
    """Of every programme that the order pointed at, also where nothing of it counted."""
    method: Method | None
    programme_id: str | None
    advocate_id: str | None
    campaign: str | None
    """The campaign that is credited when no advocate is."""
    needs_review: bool
    """A person has to say which of several advocates was meant."""
    claim_id: str | None
    click_id: str | None
    evidence: str | None
    touched_at: datetime | None
    reason_code: Literal["credited"] | NotCredited
    """`nobody`: nothing points at an advocate. Else why what does is not counted; `not_counted`: by several reasons."""
    reason: Annotated[str, Meta(examples=["The advocate's code 7K2M-9QX0 was typed at checkout."])]
    """For people, in `locale`, as are the losers' reasons."""
    locale: LocaleName
    losers: list[LoserAnswer]


def attribution_answer(decided: Decided, locale: LocaleName = SOURCE) -> AttributionAnswer:
    winner = decided.winner
    code: Literal["credited"] | NotCredited
    code, sentence = ("credited", winner.reason) if winner else _nobodys(decided)
    return AttributionAnswer(
        chain_version=decided.chain,
        chain_versions=[
            ChainVersionAnswer(programme_id=to_wire("prg", used.programme_id), version=used.version)
            for used in decided.chains
        ],
        method=winner.method if winner else None,
        programme_id=to_wire("prg", winner.programme_id) if winner else None,
        advocate_id=to_wire("adv", winner.advocate_id) if winner and winner.advocate_id else None,
        campaign=winner.campaign if winner else None,
        needs_review=decided.review is not None,
        claim_id=to_wire("clm", winner.claim_id) if winner and winner.claim_id else None,
        click_id=to_wire("clk", winner.click_id) if winner and winner.click_id else None,
        evidence=winner.evidence if winner else None,
        touched_at=winner.touched_at if winner else None,
        reason_code=code,
        reason=worded(locale, sentence),
        locale=locale,
        losers=[
            LoserAnswer(
                method=loser.method,
                evidence=loser.evidence,
                advocate_id=to_wire("adv", loser.advocate_id) if loser.advocate_id else None,
                reason_code=loser.code,
                reason=worded(locale, loser.reason),
            )
            for loser in decided.losers
        ],
    )


def _nobodys(decided: Decided) -> tuple[NotCredited, str]:
    """Why an order is nobody's, as a code and a sentence."""
    losers = [loser for loser in decided.losers if loser.advocate_id is not None]
    if not losers:
        return "nobody", NOBODY
    if len({loser.code for loser in losers}) == 1:
        return losers[0].code, losers[0].reason
    return "not_counted", NOT_COUNTED
