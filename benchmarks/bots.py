"""Who clicks: a person, a bot or a preview, decided for each click from what its headers say."""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from typing import Final

from crawlerdetect import CrawlerDetect

from adapters.tracking import crawlers
from adapters.tracking.http.redirect import profile_of
from benchmarks.figures import Figure, against
from benchmarks.progress import said
from tracking.domain.click import visitor_of

CLICKS: Final = 200_000
ALONE: Final = 500
_PHONE: Final = (
    "Mozilla/5.0 (Linux; Android {0}; {1}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{2}.0.{3}.{4} Mobile"
    " Safari/537.36"
)
_IPHONE: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS {0}_{4} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/{0}.{4} Mobile/15E148 Safari/604.1 {1}"
)
_DESKTOP: Final = (
    "Mozilla/5.0 (Windows NT {0}.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{2}.0.{3}.{4}"
    " Safari/537.36"
)
_CRAWLER: Final = "Mozilla/5.0 (compatible; Crawl{1}bot/{0}.{4}; +https://crawl{1}.example/bot)"
_SHAPES: Final = (*[_PHONE] * 9, *[_IPHONE] * 7, *[_DESKTOP] * 3, _CRAWLER)
_LANGUAGES: Final = ("de-DE,de;q=0.9", "fr-FR,fr;q=0.8,en;q=0.5", "nl-NL", "sv-SE,sv;q=0.9", "it-IT", "en-GB,en;q=0.7")
Headers = tuple[tuple[bytes, bytes], ...]


def measure() -> list[Figure]:
    """Microseconds of a decision over clicks of 20,000 kinds of browser, the memory being empty at first."""
    said(f"{CLICKS} clicks of {len(_browsers())} kinds of browser: person or bot?")
    clicks = list(_clicks(_browsers()))
    profile_of.cache_clear()
    crawlers.is_crawler.cache_clear()
    crawlers.has_word.cache_clear()
    started = time.perf_counter()
    for headers in clicks:
        profile_of("GET", *headers)
    remembered = (time.perf_counter() - started) / CLICKS * 1e6
    return [against("bot decision, a click", remembered, "us", _anew(clicks[:ALONE]))]


def _anew(clicks: Sequence[Headers]) -> float:
    """Microseconds of crawlerdetect's own decision, each for an agent that it has not seen."""
    library = CrawlerDetect()
    agents = {headers[0][1].decode("latin-1") for headers in clicks}
    started = time.perf_counter()
    for agent in agents:
        visitor_of(agent=agent, method="GET", purpose="", is_crawler=library.is_crawler)
    return (time.perf_counter() - started) / len(agents) * 1e6


def _browsers() -> list[Headers]:
    """Kinds in the order of how common they are; two crawlers in forty, as a share of clicks about 5 %."""
    drawn = random.Random(7)
    made: list[Headers] = []
    for number in range(20_000):
        numbers = drawn.randrange(10, 19), f"SM-{number}", drawn.randrange(90, 150), number, drawn.randrange(9)
        agent = _SHAPES[number % len(_SHAPES)].format(*numbers)
        language = drawn.choice(_LANGUAGES)
        made.append(((b"user-agent", agent.encode()), (b"accept-language", language.encode())))
    return made


def _clicks(browsers: Sequence[Headers]) -> Iterator[Headers]:
    """By Zipf's law: the second kind of browser clicks half as often as the first."""
    drawn = random.Random(8)
    shares = list(itertools.accumulate(1 / rank for rank in range(1, len(browsers) + 1)))
    return iter(drawn.choices(browsers, cum_weights=shares, k=CLICKS))
