"""Orders that a platform names in several ways, and not in each message by all of them.

Each name has facts of its own. Once one message has told that two names are one order's, what is said of it by one of
them counts by the other too, whenever it is said. The order as the platform showed it stays with the name that it came
by, so it is there once.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from tracking.domain.order import OrderFacts, OrderKey


def namesakes(facts: Mapping[OrderKey, OrderFacts]) -> set[OrderKey]:
    """The other names of these orders that are not among them."""
    return {name for key, said in facts.items() if said.also for name in _names(key, said) if name not in facts}


def joined(facts: Mapping[OrderKey, OrderFacts]) -> dict[OrderKey, OrderFacts]:
    """The orders, each with what is said of it by its other names among them."""
    whole = dict(facts)
    for key, said in facts.items():
        for name in _names(key, said) if said.also else ():
            if name in facts:
                whole[key] = whole[key].merge(replace(facts[name], snapshot=None, also=()))
    return whole


def _names(key: OrderKey, said: OrderFacts) -> list[OrderKey]:
    return [OrderKey(key.platform, name) for name in said.also]
