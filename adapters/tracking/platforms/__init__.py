"""Shop platforms: each module turns what its platform sends into order reports, and gives one `Platform` record."""

from typing import Final

from adapters.tracking.platforms import bigcommerce, own, shopify, shopware, stripe, woocommerce
from adapters.tracking.platforms.platform import Platform

PLATFORMS: Final[dict[str, Platform]] = {
    platform.kind: platform
    for platform in (
        shopify.PLATFORM,
        woocommerce.PLATFORM,
        shopware.PLATFORM,
        bigcommerce.PLATFORM,
        stripe.PLATFORM,
        own.PLATFORM,
    )
}
"""By kind of connection. A new platform is a new module, and a name here."""
