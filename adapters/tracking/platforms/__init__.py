"""Shop platforms: each module turns what its platform sends into order reports, and gives one `Platform` record."""

from typing import Final

from adapters.tracking.platforms import bigcommerce, own, shopify, shopware, stripe, woocommerce
from adapters.tracking.platforms.platform import Platform

_MODULES: Final = (shopify, woocommerce, shopware, bigcommerce, stripe, own)
PLATFORMS: Final[dict[str, Platform]] = {module.PLATFORM.kind: module.PLATFORM for module in _MODULES}
"""By kind of connection. A new platform is a new module, and a name here."""
