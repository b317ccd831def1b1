"""Steps of the engagement context, grouped by noun."""

import pytest

from tests.features.engagement.desk import Desk
from tests.features.engagement.steps_consent import *  # noqa: F403
from tests.features.engagement.steps_mail import *  # noqa: F403
from tests.features.engagement.steps_share import *  # noqa: F403
from tests.support.world import ShopWorld


@pytest.fixture
def desk(shop: ShopWorld) -> Desk:
    return Desk(shop)
