"""What advocates say has amounts as the shop's country writes them, like the page that they lead to."""

import pytest
from msgspec import structs

from adapters.engagement.wording import _SAYINGS, ShareWording
from adapters.shared.texts import LOCALES
from engagement.domain.deal import Deal
from engagement.events import Channel
from tests.engagement.samples import SHOP

TEN = Deal(kind="fixed", currency="CHF", amount_minor=1000, minimum_order_minor=100_000)


@pytest.mark.parametrize(
    ("country", "locale", "deal", "headline", "minimum"),
    [
        ("CH", "de", TEN, "CHF 10 Rabatt", "CHF 1’000"),
        ("DE", "de", structs.replace(TEN, currency="EUR"), "10 € Rabatt", "1.000 €"),
        ("DK", "en", structs.replace(TEN, currency="DKK"), "DKK 10 off", "DKK 1,000"),
        ("NL", "nl", structs.replace(TEN, currency="EUR"), "€ 10 korting", "€ 1.000"),
    ],
)
def test_amounts_follow_the_country(country: str, locale: str, deal: Deal, headline: str, minimum: str) -> None:
    shop = structs.replace(SHOP, country=country)
    wording = ShareWording()
    assert wording.headline(locale, shop, deal).replace("\xa0", " ") == headline
    assert minimum in wording.conditions(locale, shop, deal).replace("\xa0", " ")
    assert headline in wording.words(locale, "whatsapp", shop, deal, "7K2M9QX0").text.replace("\xa0", " ")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("channel", sorted(_SAYINGS))
def test_no_text_announces_the_link_for_the_disclosure_stands_in_between(locale: str, channel: Channel) -> None:
    text = ShareWording().words(locale, channel, SHOP, TEN, "7K2M9QX0").text
    assert text.endswith(".")
