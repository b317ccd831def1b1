"""The demo: Nordlicht, a shop with lamps and candles, and everything it needs on one command.

The storefront stands for a retailer's shop. It knows Grapevine as a shop knows it: by the public HTTP API with the
shop's keys, and by the signed webhooks that the shop's platform sends.
"""
