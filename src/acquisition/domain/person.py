"""Somebody who arrives: what is said of them on the way to the vault."""

from msgspec import Struct

from kernel.errors import DomainError


class NobodyNamed(DomainError):
    code = "nobody_named"
    title = "An e-mail address or a customer reference is needed"


class Person(Struct, frozen=True, kw_only=True):
    """Personal data: handed to the vault and kept nowhere else."""

    reference: str | None = None
    """The shop's own customer reference."""
    email: str | None = None
    first_name: str = ""
    locale: str | None = None
    phone: str | None = None

    def named(self, pointer: str) -> "Person":
        """The person, if there is anything to know them by. `pointer` names the input at fault."""
        if not (self.email or self.reference):
            raise NobodyNamed(pointer=pointer)
        return self
