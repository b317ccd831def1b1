"""Learn what other contexts know about advocates, claims and programmes, and credit orders that came before."""

from collections.abc import Sequence

from kernel.ids import ProgrammeId
from tracking.application.order_book import rebook
from tracking.domain.attribution import KnownAdvocate, KnownClaim, KnownInvite, KnownSeat, Window
from tracking.domain.link import Link
from tracking.ports import Work


async def learn_advocates(work: Work, advocates: Sequence[KnownAdvocate], links: Sequence[Link]) -> None:
    """Keep the advocates' codes and make their links; orders that used a code before we knew it are credited now."""
    await work.orders.lock()
    await work.evidence.learn_advocates(advocates)
    await work.links.add(links)
    names = [advocate.name_key for advocate in advocates if advocate.name_key is not None]
    inviters = [advocate.customer_id for advocate in advocates if advocate.customer_id is not None]
    invited, invites = await work.evidence.invited_by(inviters)
    codes = [advocate.code for advocate in advocates] + invites
    await rebook(work, await work.orders.pointing_at(codes, names=names, persons=invited), {})


async def learn_claims(work: Work, claims: Sequence[KnownClaim]) -> None:
    """Keep the claims; orders that point at one of them are decided again."""
    await work.orders.lock()
    await work.evidence.learn_claims(claims)
    await rebook(work, await work.orders.pointing_at([claim.code for claim in claims], claims=claims), {})


async def learn_invites(work: Work, invites: Sequence[KnownInvite]) -> None:
    """Keep the invite codes; orders that carry one of them are decided again."""
    await work.orders.lock()
    await work.evidence.learn_invites(invites)
    await rebook(work, await work.orders.pointing_at([invite.code for invite in invites]), {})


async def learn_seats(work: Work, seats: Sequence[KnownSeat]) -> None:
    """Keep who redeemed which invite code; orders of those persons are decided again."""
    await work.orders.lock()
    await work.evidence.learn_seats(seats)
    await rebook(work, await work.orders.pointing_at(persons={seat.person_id for seat in seats}), {})


async def learn_programmes(work: Work, windows: Sequence[tuple[ProgrammeId, int, Window]]) -> None:
    """Keep how long each programme credits a click; orders by clicks that this is news for are decided again."""
    await work.orders.lock()
    news = await work.evidence.learn_windows(windows)
    if news:
        await rebook(work, await work.orders.clicked_for(news), {})
