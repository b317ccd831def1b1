"""A friend claims the deal that an advocate passed on."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct

from acquisition.domain.claim import Claim, CodeTaken, Friend, refuse_self_referral, take_deal
from acquisition.domain.deal import Advocate, Programme, Terms, UnknownDeal
from acquisition.domain.person import Person
from acquisition.ports import BeginWork, IdentifyPerson, Work
from kernel.codes import normalise
from kernel.ids import ClaimId, ClickId, ShopId

TRIES = 3


class ClaimDeal(Struct, frozen=True, kw_only=True):
    shop_id: ShopId
    advocate_code: str
    """As typed or as the address had it."""
    friend: Person
    locale: str
    click_id: ClickId | None = None


class ClaimedDeal(Struct, frozen=True, kw_only=True):
    claim: Claim
    terms: Terms
    """Those that the deal was claimed under, whatever the programme offers now."""
    repeated: bool
    """The friend had claimed before; the code is the same."""


@dataclass(frozen=True, slots=True)
class ClaimDealHandler:
    """Idempotent per programme, advocate and person: claiming again gives the same code."""

    begin: BeginWork
    identify: IdentifyPerson
    new_claim_id: Callable[[], ClaimId]
    new_code: Callable[[], str]

    async def __call__(self, command: ClaimDeal) -> ClaimedDeal:
        person = command.friend.named("/friend")
        code = normalise(command.advocate_code, pointer="/advocate_code")
        async with self.begin(command.shop_id) as work:  # first: of whom no deal is for nothing is kept
            await _deal(work, code)
        friend = await self.identify(command.shop_id, person)
        async with self.begin(command.shop_id) as work:
            programme, advocate, terms = await _deal(work, code)
            refuse_self_referral(advocate, friend)
            standing = await work.claims.of_friend(advocate, friend.person_id)
            if standing is not None:
                return ClaimedDeal(claim=standing.usable(work.now()), terms=standing.terms or terms, repeated=True)
            made = await self._take(work, programme, advocate, friend, command)
        return ClaimedDeal(claim=made, terms=made.terms or terms, repeated=False)

    async def _take(
        self, work: Work, programme: Programme, advocate: Advocate, friend: Friend, command: ClaimDeal
    ) -> Claim:
        """Take the deal under a code that nobody has; a code that happens to be taken is drawn again."""
        for _ in range(TRIES):
            claim, event = take_deal(
                programme,
                advocate,
                friend,
                shop_id=command.shop_id,
                claim_id=self.new_claim_id(),
                code=self.new_code(),
                click_id=command.click_id,
                locale=command.locale,
                at=work.now(),
            )
            with suppress(CodeTaken):
                return await work.claims.add(claim, event)
        raise CodeTaken


async def _deal(work: Work, code: str) -> tuple[Programme, Advocate, Terms]:
    """Refuses a code that leads to no deal, or to one that is not on offer."""
    advocate = await work.advocates.by_code(code)
    programme = await work.programmes.get(advocate.programme_id) if advocate else None
    if advocate is None or programme is None:
        raise UnknownDeal(pointer="/advocate_code")
    return programme, advocate, programme.on_offer("/advocate_code")
