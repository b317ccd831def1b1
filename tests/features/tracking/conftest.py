"""Steps of the tracking context, grouped by noun."""

import pytest

from tests.features.tracking.shopfront import Shopfront
from tests.features.tracking.steps_attribution import *  # noqa: F403
from tests.features.tracking.steps_connection import *  # noqa: F403
from tests.features.tracking.steps_coupon_site import *  # noqa: F403
from tests.features.tracking.steps_domain import *  # noqa: F403
from tests.features.tracking.steps_invite import *  # noqa: F403
from tests.features.tracking.steps_leading import *  # noqa: F403
from tests.features.tracking.steps_link import *  # noqa: F403
from tests.features.tracking.steps_order import *  # noqa: F403
from tests.features.tracking.steps_platform import *  # noqa: F403
from tests.features.tracking.steps_refund import *  # noqa: F403
from tests.features.tracking.steps_replay import *  # noqa: F403
from tests.features.tracking.steps_report import *  # noqa: F403
from tests.features.tracking.steps_retention import *  # noqa: F403
from tests.features.tracking.steps_rules import *  # noqa: F403
from tests.features.tracking.steps_second_store import *  # noqa: F403
from tests.features.tracking.steps_setup import *  # noqa: F403
from tests.features.tracking.steps_signs import *  # noqa: F403
from tests.features.tracking.steps_steering import *  # noqa: F403
from tests.features.tracking.steps_store import *  # noqa: F403
from tests.features.tracking.steps_tag import *  # noqa: F403
from tests.features.tracking.steps_tag_settings import *  # noqa: F403
from tests.features.tracking.steps_thank_you_page import *  # noqa: F403
from tests.support.world import ShopWorld


@pytest.fixture
def front(shop: ShopWorld) -> Shopfront:
    return Shopfront(shop)
