"""What people of the shop may refuse to hear when they steer attribution."""

from kernel.errors import DomainError


class UnknownOrder(DomainError):
    code = "unknown_order"
    kind = "not_found"
    title = "There is no such order"


class UnknownProgramme(DomainError):
    code = "unknown_programme"
    kind = "not_found"
    title = "There is no such programme"


class NotLiveYet(DomainError):
    code = "programme_not_live_yet"
    kind = "conflict"
    title = "The programme has not gone live yet: it has a chain from the day on which it does"


class UnknownAdvocate(DomainError):
    code = "unknown_advocate"
    title = "There is no such advocate"


class AdvocateElsewhere(DomainError):
    code = "advocate_of_another_programme"
    title = "The advocate belongs to another programme"


class AlreadyCredited(DomainError):
    code = "already_credited"
    kind = "conflict"
    title = "A person credited the order to this advocate already"


class NothingToWithdraw(DomainError):
    code = "nothing_to_withdraw"
    kind = "conflict"
    title = "No person credited this order to anybody"


class ReasonMissing(DomainError):
    code = "reason_missing"
    title = "A reason is needed"


class NoDraft(DomainError):
    code = "no_draft"
    kind = "conflict"
    title = "There is no draft of a chain to set in force"


def given_reason(text: str) -> str:
    """The reason without the space around it; it is kept with the decision and may not be left out."""
    reason = text.strip()
    if not reason:
        raise ReasonMissing(pointer="/reason")
    return reason
