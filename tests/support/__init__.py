"""What tests share: the database, the app with its worker, and a shop of one's own for each test.

By default all contexts run together. `GRAPEVINE_TEST_ALONE=tracking pytest tests/features/tracking` runs one context
alone, as after it was lifted out: others are stubbed by `peers.py`, their facts come through `ShopWorld.tell`.
"""
