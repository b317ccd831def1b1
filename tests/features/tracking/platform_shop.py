"""What every platform's shop can tell of Ben's order."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

from tests.support.bigcommerce import Store

Message = tuple[str, bytes]


class PlatformShop(ABC):
    """The order's life, told by messages of the platform."""

    kind = ""
    name = ""

    def __init__(self, number: int, now: datetime, store: Store | None = None) -> None:
        self.number = number
        self.now = now.replace(microsecond=0)
        self.later = self.now + timedelta(minutes=5)
        self.store = store

    @property
    def order_id(self) -> str:
        return str(self.number)

    @abstractmethod
    def placed(self, pieces: int, price: str, *, paid: bool = True) -> Message: ...

    def beside(self) -> tuple[Message, ...]:
        """What else the platform says when an order was placed and paid."""
        return ()

    @abstractmethod
    def refunded(self, amount: str) -> Message: ...

    @abstractmethod
    def came_to_nothing(self) -> Message: ...

    @abstractmethod
    def pay(self) -> Message:
        """The payment of what was placed unpaid."""


class ChargedBack(PlatformShop):
    """A shop on a platform that tells of chargebacks, which not every one does."""

    @abstractmethod
    def charged_back(self) -> Message: ...
