"""Everything an advocate needs to pass the deal on, per channel."""

from dataclasses import dataclass

from msgspec import Struct, structs

from engagement.domain.deal import Advocate, Deal, ProgrammeNotLive
from engagement.domain.policy import Policies
from engagement.domain.sharing import CHANNELS, ReadyShare, clean_text, make_ready, tagged_link
from engagement.ports import BeginWork, ShareTexts, Shop
from kernel.ids import AdvocateId, ShopId


class ShareKit(Struct, frozen=True, kw_only=True):
    """`link` is the plain one; each channel's own is tagged."""

    advocate_id: AdvocateId
    locale: str
    code: str
    link: str
    qr_url: str
    deal: Deal
    headline: str
    conditions: str
    shares: tuple[ReadyShare, ...]


class AskForShareKit(Struct, frozen=True, kw_only=True):
    """`text` is the advocate's own wording, used in place of ours on every channel."""

    shop_id: ShopId
    advocate_id: AdvocateId
    locale: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class GetShareKit:
    """Raises UnknownAdvocate, ProgrammeNotLive, MalformedText."""

    begin: BeginWork
    texts: ShareTexts
    policies: Policies
    base_url: str

    async def __call__(self, query: AskForShareKit) -> ShareKit:
        own = None if query.text is None else clean_text(query.text)
        async with self.begin(query.shop_id) as work:
            advocate = await work.advocates.get(query.advocate_id)
            programme = await work.programmes.get(advocate.programme_id)
            shop = work.shop
        if programme is None:
            raise ProgrammeNotLive
        deal = programme.deal_on_offer()
        locale = self.texts.locale(query.locale, shop.default_locale)
        return ShareKit(
            advocate_id=advocate.advocate_id,
            locale=locale,
            code=advocate.code,
            link=f"{self.base_url}/l/{advocate.link_code}",
            qr_url=self._qr_url(advocate),
            deal=deal,
            headline=self.texts.headline(locale, shop, deal),
            conditions=self.texts.conditions(locale, shop, deal),
            shares=self._shares(shop, deal, locale, advocate=advocate, campaign=programme.title, own=own),
        )

    def _shares(
        self, shop: Shop, deal: Deal, locale: str, *, advocate: Advocate, campaign: str, own: str | None
    ) -> tuple[ReadyShare, ...]:
        policy = self.policies.of(shop.country)
        ready = []
        for channel in CHANNELS:
            words = self.texts.words(locale, channel, shop, deal, advocate.code)
            words = structs.replace(
                words,
                text=words.text if own is None else own,
                disclosure=words.disclosure if policy.wants_disclosure(channel) else "",
            )
            link = tagged_link(self.base_url, advocate.link_code, channel, campaign)
            ready.append(make_ready(channel, words, link, qr_url=self._qr_url(advocate)))
        return tuple(ready)

    def _qr_url(self, advocate: Advocate) -> str:
        return f"{self.base_url}/qr/{advocate.link_code}.svg"
