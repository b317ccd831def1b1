"""Who our tenants are: the shop, its keys, its brand, its test clock, its customers' vault and its audit log.

Words: Shop, Member, Customer, key, scope. Owns the only table that holds personal data; every other context
holds opaque customer and person ids.
"""
