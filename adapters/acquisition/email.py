"""E-mail addresses that people type."""

from email_validator import EmailNotValidError, validate_email

from kernel.errors import DomainError


class InvalidEmail(DomainError):
    code = "invalid_email"
    title = "This is not a valid e-mail address"


def checked_email(typed: str, *, pointer: str | None = "/email") -> str:
    """The address as typed, without spaces around it. Checked for its form only: no DNS question is asked."""
    try:
        return validate_email(typed.strip(), check_deliverability=False).original
    except (EmailNotValidError, UnicodeError, ValueError):
        raise InvalidEmail(pointer=pointer) from None
