"""How a context says which facts of others it hears."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from adapters.shared.postgres.unit import Unit
from kernel.events import Envelope

Apply = Callable[[Unit, Sequence[Envelope]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """`apply` runs in a transaction that has already noted the events in the inbox under `handler`.

    It gets fresh envelopes only, of one shop and one event, sorted by (occurred_at, event_id), and must reach
    the same final state for any order, repetition or delay.
    """

    handler: str
    event: str
    apply: Apply
