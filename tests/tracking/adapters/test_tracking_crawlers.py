"""Crawlers are told as crawlerdetect tells them, whatever their version."""

import re

from crawlerdetect import CrawlerDetect
from crawlerdetect.providers.crawlers import data as crawlers
from crawlerdetect.providers.exclusions import data as exclusions
from hypothesis import given
from hypothesis import strategies as st

from adapters.tracking.crawlers import is_crawler

SPELLED = [re.sub(r"\\d[+*]?", "7", pattern).replace("\\", "").strip("^$") for pattern in crawlers]
BROWSER = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 {} Safari/537.36"
)
pieces = st.sampled_from([*SPELLED, *exclusions, "Mozilla/5.0 ", "(Linux; Android 14)", " ", "9", "x64", "SM-A5", "; "])
library = CrawlerDetect()


def test_every_name_on_the_list_is_told_as_the_library_tells_it() -> None:
    agents = [*SPELLED, *(BROWSER.format(name) for name in SPELLED)]
    assert [agent for agent in agents if is_crawler(agent) != library.isCrawler(agent)] == []
    assert sum(map(is_crawler, agents)) > len(SPELLED)


@given(st.lists(pieces, min_size=1, max_size=6).map("".join))
def test_whatever_it_is_made_of(agent: str) -> None:
    assert is_crawler(agent) == library.isCrawler(agent)


def test_another_version_is_not_looked_up_anew_and_a_digit_in_a_name_still_counts() -> None:
    assert not is_crawler(BROWSER.format("Mobile"))
    assert not is_crawler(BROWSER.format("Mobile").replace("131", "139"))
    assert is_crawler("W3C-checklink/4.5")
    assert is_crawler("W3C-checklink/4.6")
    assert not is_crawler("W9C-checklnk/4.6")
