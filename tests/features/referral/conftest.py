"""Steps of the referral context, grouped by noun."""

import pytest

from tests.features.referral.desk import Desk
from tests.features.referral.steps_advocate import *  # noqa: F403
from tests.features.referral.steps_order import *  # noqa: F403
from tests.features.referral.steps_programme import *  # noqa: F403
from tests.features.referral.steps_reward import *  # noqa: F403
from tests.support.world import ShopWorld


@pytest.fixture
def desk(shop: ShopWorld) -> Desk:
    return Desk(shop)
