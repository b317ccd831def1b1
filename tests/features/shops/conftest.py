"""Steps of the shops context, grouped by noun."""

import pytest

from tests.features.shops.office import Office
from tests.features.shops.steps_audit_log import *  # noqa: F403
from tests.features.shops.steps_customer import *  # noqa: F403
from tests.features.shops.steps_key import *  # noqa: F403
from tests.features.shops.steps_operator import *  # noqa: F403
from tests.features.shops.steps_shop import *  # noqa: F403
from tests.support.world import ShopWorld


@pytest.fixture
def office(shop: ShopWorld) -> Office:
    return Office(shop)
