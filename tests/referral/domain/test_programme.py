"""A programme's states, offer versions and history."""

from datetime import timedelta

import pytest

from kernel.ids import OfferId
from referral.domain.programme import (
    MOVES,
    History,
    OfferImmutable,
    Programme,
    ProgrammeMoveRefused,
    ProgrammeOutdated,
    State,
)
from tests.referral.made import PROGRAMME, START, fixed, named, programme, terms


def test_launching_puts_the_drafted_terms_in_force_and_tells_it() -> None:
    live, told = programme().launch(START + timedelta(days=1, microseconds=5))
    assert (live.state, told.state, told.revision) == ("live", "live", 2)
    assert told.terms is not None
    assert told.terms.version == 1
    assert live.offers[0].launched_at == START + timedelta(days=1)


def test_launched_terms_never_change() -> None:
    live, _ = programme().launch(START)
    with pytest.raises(OfferImmutable):
        live.edit(title=None, terms=terms(hold_days=1))
    renamed, _ = live.edit(title="Others", terms=None)
    assert renamed.title == "Others"
    assert renamed.offers == live.offers


def test_a_new_version_is_in_force_from_then_on() -> None:
    live, _ = programme().launch(START)
    changed, told = live.add_offer(OfferId(named("offer 2")), terms(friend_deal=fixed(500)), START + timedelta(days=5))
    assert told.terms is not None
    assert told.terms.version == 2
    known = History(programme_id=PROGRAMME, offers=changed.offers, spans=changed.spans)
    versions = [known.offer_at(START + timedelta(days=days)) for days in (-1, 0, 4, 5, 6)]
    assert [each.version for each in versions if each] == [1, 1, 1, 2, 2]


def test_the_currency_stays() -> None:
    live, _ = programme().launch(START)
    with pytest.raises(ProgrammeMoveRefused):
        live.add_offer(OfferId(named("offer 2")), terms(currency="SEK"), START)


def test_live_is_what_it_was_at_the_time() -> None:
    live, _ = programme().launch(START + timedelta(days=1))
    paused, _ = live.pause(START + timedelta(days=2))
    resumed, _ = paused.resume(START + timedelta(days=3))
    ended, _ = resumed.end(START + timedelta(days=4))
    known = History(programme_id=PROGRAMME, offers=ended.offers, spans=ended.spans)
    moments = [START + timedelta(days=days) for days in (0, 1, 2, 3, 4)]
    assert [known.live_at(moment) for moment in moments] == [False, True, False, True, False]


def test_no_move_but_the_known_ones() -> None:
    live, _ = programme().launch(START)
    states: dict[State, Programme] = {
        "draft": programme(),
        "live": live,
        "paused": live.pause(START)[0],
        "ended": live.end(START)[0],
    }
    moves = {"live": ("launch", "resume"), "paused": ("pause",), "ended": ("end",)}
    for name, there in states.items():
        for target, ways in moves.items():
            for way in ways:
                allowed = target in MOVES[name] and not (
                    (way == "launch" and name != "draft") or (way == "resume" and name != "paused")
                )
                if allowed:
                    assert getattr(there, way)(START)[0].state == target
                else:
                    with pytest.raises(ProgrammeMoveRefused):
                        getattr(there, way)(START)


def test_an_edit_on_an_old_revision_is_refused() -> None:
    there = programme()
    there.expect(None)
    there.expect(1)
    with pytest.raises(ProgrammeOutdated):
        there.expect(2)
