"""Telephone numbers as people write them, by the numbering plans of all countries."""

import phonenumbers


def phone_number(text: str, country: str) -> str | None:
    """See `shops.domain.signs.PhoneNumber`."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
