"""Steps of the acquisition context, grouped by noun."""

import pytest

from tests.features.acquisition import steps_claim, steps_deal, steps_invite
from tests.features.acquisition.friends import Friends
from tests.support.world import ShopWorld

# pytest-bdd keeps each step in its module under a name that a star import leaves out.
for _module in (steps_deal, steps_claim, steps_invite):
    globals().update({name: step for name, step in vars(_module).items() if name.startswith("pytestbdd_")})


@pytest.fixture
def friends(shop: ShopWorld) -> Friends:
    return Friends(shop)
