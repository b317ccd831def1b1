"""Steps of the journeys that cross contexts, grouped by noun."""

import os

import pytest

from tests.features.journeys.nordlicht import Nordlicht
from tests.features.journeys.steps_credit import *  # noqa: F403
from tests.features.journeys.steps_friend import *  # noqa: F403
from tests.features.journeys.steps_order import *  # noqa: F403
from tests.features.journeys.steps_programme import *  # noqa: F403
from tests.features.journeys.steps_reward import *  # noqa: F403
from tests.support.world import ShopWorld

if os.environ.get("GRAPEVINE_TEST_ALONE"):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def nordlicht(shop: ShopWorld) -> Nordlicht:
    """The shop, its people and its platform."""
    return Nordlicht(shop)
