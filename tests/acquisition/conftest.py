"""Fixtures of the acquisition context's tests."""

import pytest

from tests.acquisition.support import DealWorld
from tests.support.world import ShopWorld


@pytest.fixture
def deal(shop: ShopWorld) -> DealWorld:
    """Nordlicht's live deal, which Ada passes on."""
    made = DealWorld(shop)
    made.programme()
    made.advocate()
    return made
