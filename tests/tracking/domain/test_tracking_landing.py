"""Where a visit is sent: rules, times, campaign values."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel import Locale, localedata
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.shared.ids import new_id
from adapters.tracking.addresses import read_address
from kernel.errors import DomainError
from kernel.ids import AdvocateId, LinkId, ShopId
from tracking.domain.click import UTM, utm_of
from tracking.domain.destination import BadDestination, OwnHosts
from tracking.domain.device import device_of, first_language
from tracking.domain.landing import Landing, Place, Way, channel_of
from tracking.domain.link import (
    BadPeriod,
    BadRule,
    BadUtm,
    BadVanity,
    FixedDestination,
    Link,
    Plan,
    Rule,
    checked_vanity,
)
from tracking.domain.places import COUNTRIES, LANGUAGES

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HERE = Place("phone", "DE", "de")


def way(**plan: Any) -> Way:
    return Way("https://s/", Plan(**plan), advocate_code="ADA2", link_code="7K2M9QX0")


def goes(made: Way, place: Place = HERE, at: datetime = NOON) -> tuple[str | None, bool]:
    landing, in_force = made.choose(place, at)
    return (landing.target(b"", utm_of(b""), None).decode() if landing else None), in_force


def test_the_first_rule_that_is_met_decides() -> None:
    rules = (
        Rule(destination="https://s/tablet", devices=("tablet",)),
        Rule(destination="https://s/dane", countries=("DK", "SE"), languages=("da",)),
        Rule(destination="https://s/night", since=NOON + HOUR, until=NOON + 2 * HOUR),
        Rule(destination="https://s/phone", devices=("phone", "tablet")),
    )
    made = way(rules=rules)
    assert goes(made, Place("tablet", "DK", "da"))[0] == "https://s/tablet"
    assert goes(made, Place("desktop", "DK", "da"))[0] == "https://s/dane"
    assert goes(made, Place("desktop", "DK", "de"))[0] == "https://s/"
    assert goes(made, Place("desktop", None, "da"))[0] == "https://s/"
    assert goes(made)[0] == "https://s/phone"
    assert goes(made, at=NOON + HOUR)[0] == "https://s/night"
    assert goes(made, at=NOON + 2 * HOUR)[0] == "https://s/phone"
    assert made.plain is None
    assert way().plain is not None


def test_a_rule_for_norwegian_means_what_browsers_say() -> None:
    made = way(rules=(Rule(destination="https://s/no", languages=("sv", "no")),))
    assert [goes(made, Place("phone", None, said))[0] for said in ("nb", "nn", "no", "sv")] == ["https://s/no"] * 4
    made = way(rules=(Rule(destination="https://s/no", languages=("nn",)),))
    assert [goes(made, Place("phone", None, said))[0] for said in ("no", "nb")] == ["https://s/no", "https://s/"]


def test_a_norwegian_that_has_a_rule_of_its_own_goes_by_it() -> None:
    """As links did before one for Norwegian meant all of it."""
    made = way(rules=(Rule(destination="https://s/no", languages=("no",)),
                      Rule(destination="https://s/nb", languages=("nb",))))  # fmt: skip
    assert [goes(made, Place("phone", None, said))[0] for said in ("no", "nb", "nn")] == [
        "https://s/no",
        "https://s/nb",
        "https://s/no",
    ]


def test_before_its_start_after_its_end_and_switched_off_a_link_falls_back() -> None:
    times: dict[str, Any] = {"starts_at": NOON, "expires_at": NOON + HOUR}
    assert goes(way(**times), at=NOON - HOUR) == (None, False)
    assert goes(way(**times), at=NOON) == ("https://s/", True)
    assert goes(way(**times), at=NOON + HOUR) == (None, False)
    assert goes(way(**times, fallback="https://s/over"), at=NOON + HOUR) == ("https://s/over", False)
    assert goes(way(enabled=False, fallback="https://s/over")) == ("https://s/over", False)


def filled(query: bytes, **utm: str) -> bytes:
    landing = way(utm=utm).plain
    assert landing is not None
    return landing.target(query, utm_of(query), "T")


def test_campaign_values_are_filled_in_and_encoded() -> None:
    utm = {"utm_campaign": "a&b {advocate_code} {link_code}", "utm_source": "{channel}"}
    assert filled(b"", **utm) == b"https://s/?utm_source=link&utm_campaign=a%26b%20ADA2%207K2M9QX0&gv_click=T"


def test_what_the_visit_brings_wins_over_the_links_campaign_values() -> None:
    utm = {"utm_source": "x", "utm_medium": "from-{channel}"}
    assert filled(b"utm_source=WhatsApp&q=", **utm) == (
        b"https://s/?utm_medium=from-whatsapp&utm_source=WhatsApp&q=&gv_click=T"
    )
    assert filled(b"utm_source=&utm_medium=", **utm) == b"https://s/?utm_source=&utm_medium=&gv_click=T"


def test_what_stands_in_the_destination_wins_over_the_links_campaign_values_and_stays_as_it_is() -> None:
    address = "https://s/?a=&UTM_source=own&utm%5Fterm=&a=%2f#top"
    landing = Landing(address, [(0, "template"), (1, "template"), (3, "template")])
    assert landing.target(b"", utm_of(b""), None) == (
        b"https://s/?a=&UTM_source=own&utm%5Fterm=&a=%2f&utm_medium=template#top"
    )
    told = b"utm_source=told&utm_medium="
    assert landing.target(told, utm_of(told), None) == (
        b"https://s/?a=&UTM_source=own&utm%5Fterm=&a=%2f&utm_source=told&utm_medium=#top"
    )
    in_the_fragment = Landing("https://s/#?utm_source=own", [(0, "template")])
    assert in_the_fragment.target(b"", utm_of(b""), None) == b"https://s/?utm_source=template#?utm_source=own"


@given(
    st.lists(st.sampled_from([f"{name}={value}".encode() for name in UTM for value in ("", "a", "%20")]), max_size=9)
)
def test_no_campaign_value_is_ever_named_by_both(pairs: list[bytes]) -> None:
    query = b"&".join(pairs)
    target = filled(query, **dict.fromkeys(UTM, "t"))
    assert target.endswith(query + b"&gv_click=T" if query else b"gv_click=T")
    added = target.removesuffix(b"gv_click=T").removesuffix(b"&").removesuffix(query)
    assert all(name.encode() + b"=t" in added for name in UTM if not any(p.startswith(name.encode()) for p in pairs))
    assert not any(pair.partition(b"=")[0] + b"=t" in added for pair in pairs)


@given(st.text())
def test_a_channel_needs_no_encoding(source: str) -> None:
    assert channel_of(source).replace("-", "").replace("_", "").isalnum()
    assert channel_of(source).isascii()


def test_what_is_remembered_of_a_link_stays_small() -> None:
    landing = Landing("https://s/", [(0, "{channel}")])
    for number in range(1000):
        landing.target(b"", (f"c{number}", *[None] * 5), None)
    made = way(rules=(Rule(destination="https://s/x", languages=("de",)),))
    for number in range(1000):
        made.choose(Place("phone", None, str(number)), NOON)
    assert len(landing._filled) <= 64
    assert len(made._by_place) <= 64


HOSTS: OwnHosts = {"s": "pages"}
OK = "https://s/x"


@pytest.mark.parametrize(
    ("plan", "error", "pointer"),
    [
        ({"utm": {"gclid": "x"}}, BadUtm, "/utm"),
        ({"utm": {"utm_term": "{person}"}}, BadUtm, "/utm/utm_term"),
        ({"utm": {"utm_term": "{channel.__class__}"}}, BadUtm, "/utm/utm_term"),
        ({"utm": {"utm_term": "{channel!r}"}}, BadUtm, "/utm/utm_term"),
        ({"utm": {"utm_term": "{channel:>99}"}}, BadUtm, "/utm/utm_term"),
        ({"utm": {"utm_term": "{"}}, BadUtm, "/utm/utm_term"),
        ({"utm": {"utm_term": "a\nb"}}, BadUtm, "/utm/utm_term"),
        ({"utm": {"utm_term": ""}}, BadUtm, "/utm/utm_term"),
        ({"rules": (Rule(destination=OK),)}, BadRule, "/rules/0"),
        ({"rules": (Rule(destination=OK, since=NOON, until=NOON),)}, BadRule, "/rules/0/until"),
        ({"rules": (Rule(destination=OK, devices=("phone",)),) * 21}, BadRule, "/rules"),
        ({"rules": (Rule(destination="https://evil/", devices=("phone",)),)}, DomainError, "/rules/0/destination"),
        ({"fallback": "https://evil/"}, DomainError, "/fallback"),
        ({"starts_at": NOON, "expires_at": NOON}, BadPeriod, "/expires_at"),
    ],
)
def test_plans_that_cannot_be_are_refused(plan: dict[str, Any], error: type[DomainError], pointer: str) -> None:
    with pytest.raises(error) as refused:
        Plan(**plan).checked(HOSTS, read_address)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize("typed", ["", "-a", "a-", "a b", "a/b", "ä", "a.b", "x" * 65, "..", "a%2f"])
def test_paths_that_cannot_be_are_refused(typed: str) -> None:
    with pytest.raises(BadVanity):
        checked_vanity(typed)


def test_a_path_is_kept_in_small_letters() -> None:
    assert checked_vanity(" Summer-2026 ") == "summer-2026"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Safari/604.1", "phone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 Chrome/120.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 16_0 like Mac OS X) AppleWebKit/605.1.15", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0", "desktop"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Safari/605.1.15", "desktop"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0", "desktop"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)", "desktop"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0)", "other"),
        ("", "other"),
    ],
)  # fmt: skip
def test_devices(agent: str, device: str) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"), ("en;q=0.3, nb-NO;q=0.9", "nb"), ("", ""), ("*", ""), ("fr;q=x", ""),
        ("fr;q=0", ""), ("x" * 50, ""), ("DA", "da"), ("de;level=1", "de"), (",,;;q=1,sv", "sv"),
    ],
)  # fmt: skip
def test_the_language_that_is_wanted_most(accepted: str, language: str) -> None:
    assert first_language(accepted) == language


@given(st.text())
def test_any_header_can_be_read(text: str) -> None:
    assert first_language(text) == "" or 2 <= len(first_language(text)) <= 3
    assert device_of(text) in {"phone", "tablet", "desktop", "other"}


def a_link(*rules: Rule, **more: Any) -> Link:
    ids: dict[str, Any] = {"shop_id": ShopId(new_id()), "link_id": LinkId(new_id()), "code": "7K2M9QX0"}
    return Link(**ids, destination=None, created_at=NOON, plan=Plan(rules=rules), **more)


@pytest.mark.parametrize(
    ("rule", "pointer"),
    [
        (Rule(destination=OK, countries=("DE", "XX")), "/rules/0/countries/1"),
        (Rule(destination=OK, countries=("UK",)), "/rules/0/countries/0"),
        (Rule(destination=OK, countries=("EU",)), "/rules/0/countries/0"),
        (Rule(destination=OK, languages=("da", "dk")), "/rules/0/languages/1"),
    ],
)
def test_a_rule_names_what_exists_but_one_that_is_stored_stays(rule: Rule, pointer: str) -> None:
    with pytest.raises(BadRule) as refused:
        a_link().planned(Plan(rules=(rule,)), HOSTS, read_address)
    assert refused.value.pointer == pointer
    fine = Rule(destination=OK, countries=("DE", "XK"), languages=("da", "gsw"))
    assert a_link(rule).planned(Plan(rules=(fine, rule)), HOSTS, read_address).plan.rules == (fine, rule)


def test_addresses_that_a_link_has_stay_and_new_ones_are_checked() -> None:
    gone = "https://magazine.nordlicht.example/lamps"
    rule = Rule(destination=gone, devices=("phone",))
    link = replace(a_link(rule), plan=Plan(rules=(rule,), fallback=gone))
    closed = replace(link.plan, enabled=False)
    assert link.planned(closed, HOSTS, read_address).plan == closed
    assert link.planned(Plan(), HOSTS, read_address).plan == Plan()
    for changed, pointer in (
        (Plan(rules=(rule, replace(rule, devices=("tablet",)))), "/rules/1/destination"),
        (Plan(fallback=gone + "?a=1"), "/fallback"),
    ):
        with pytest.raises(BadDestination) as refused:
            link.planned(changed, HOSTS, read_address)
        assert refused.value.pointer == pointer


def test_an_advocates_link_takes_no_rules_but_keeps_those_that_it_has() -> None:
    old, new = Rule(destination=OK, devices=("phone",)), Rule(destination=OK, devices=("tablet",))
    advocates = a_link(old, advocate_id=AdvocateId(new_id()))
    for kept in (Plan(), Plan(rules=(old,)), Plan(rules=(old,), utm={"utm_term": "x"}, fallback=OK)):
        assert advocates.planned(kept, HOSTS, read_address).plan == kept
    with pytest.raises(FixedDestination) as refused:
        advocates.planned(Plan(rules=(old, new)), HOSTS, read_address)
    assert refused.value.pointer == "/rules/1"


def test_countries_and_languages_are_those_of_cldr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(localedata, "_cache", {})  # the product empties what Babel remembers of what it does not use
    english = Locale("en")
    not_of_iso = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
    assert {code for code in map(str, english.territories) if len(code) == 2} - not_of_iso == COUNTRIES
    assert len(COUNTRIES) == 249 + len({"XK"})
    assert {code for code in map(str, english.languages) if len(code) == 2} == LANGUAGES
