"""What happened around the order: before it, after it, and while its checkout was open."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.tracking.domain.attributing import (
    ADA,
    CLAIM,
    NOON,
    attribute,
    claim,
    click,
    known_under,
    losses,
    order,
)
from tracking.domain.hint import OrderHint

ADDRESS = b"x" * 16
HINT = OrderHint(order_ref="1", at=NOON)


@pytest.mark.parametrize(
    ("hinted", "clicked", "code"),
    [
        (40, 20, "too_late"),  # the page was opened again, and a link tapped since the order
        (3, 2, None),  # the platform's clock is a little behind ours
        (-40, -70, "out_of_window"),
        (-40, -60, None),
    ],
)
def test_an_address_says_nothing_of_what_was_tapped_since_the_order_or_long_before(
    hinted: int, clicked: int, code: str | None
) -> None:
    hint = replace(HINT, address_hash=ADDRESS, at=NOON + timedelta(minutes=hinted))
    seen = click(clicked_at=NOON + timedelta(minutes=clicked))
    decided = attribute(order(), known_under(hints={"1": [hint]}, clicks_by_address={ADDRESS: [seen]}))
    assert (decided.winner is None) is (code is not None)
    assert losses(decided) == ([("same_address", code)] if code else [])


@pytest.mark.parametrize("said", [{"claim_id": CLAIM}, {"codes": ("BEN44444",)}])
@pytest.mark.parametrize(("minutes", "credited"), [(5, True), (6, False)])
def test_a_deal_that_was_claimed_after_the_order_is_not_what_a_browser_remembered(
    said: dict[str, Any], minutes: int, credited: bool
) -> None:
    """Who ordered opens the thank-you page again within the hour, and has claimed a deal since."""
    late = claim(claimed_at=NOON + timedelta(minutes=minutes))
    hint = replace(HINT, at=NOON + timedelta(minutes=30), **said)
    known = known_under(hints={"1": [hint]}, claims={CLAIM: late}, claims_by_code={late.code: late})
    decided = attribute(order(), known)
    assert (decided.winner is not None) is credited
    assert losses(decided) == ([] if credited else [("cookie", "too_late")])


@pytest.mark.parametrize("carried", [{"claim_id": CLAIM}, {"codes": ("BEN4-4444",)}])
def test_what_stands_on_the_order_counts_though_the_checkout_had_begun_before(carried: dict[str, Any]) -> None:
    """Some platforms date an order by when its checkout began; the friend then looked for a deal, and paid."""
    late = claim(claimed_at=NOON + timedelta(minutes=20))
    decided = attribute(order(**carried), known_under(claims={CLAIM: late}, claims_by_code={late.code: late}))
    assert decided.winner is not None
    assert decided.winner.advocate_id == ADA
