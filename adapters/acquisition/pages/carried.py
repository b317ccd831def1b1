"""What travels along from the link to the shop: the click's token and the campaign's UTM values, bounded, escaped."""

from html import escape
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

CLICK: Final = "gv_click"
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
LONGEST: Final = {CLICK: 1024} | dict.fromkeys(UTM, 500)
_CONTROLS: Final = dict.fromkeys((*range(32), 127))
"""Control characters are dropped: nobody types them, and two of them mark places in prepared pages."""
_MOST_QUERY: Final = 8192
_MOST_FIELDS: Final = 50


def fields(encoded: str, longest: dict[str, int]) -> dict[str, str]:
    """The named fields of a query or form, first occurrence each, but of clicks the last: our links add theirs at the
    end, after one that a copied address may still hold. A value that is too long is left out: half an address or
    signature is worth nothing. What cannot be read counts as not given."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in longest and (name == CLICK or name not in found):
            found[name] = value.translate(_CONTROLS) if len(value) <= longest[name] else ""
    return found


def from_query(query: bytes) -> dict[str, str]:
    """Carried values of an address's query."""
    if not query or len(query) > _MOST_QUERY or not (CLICK.encode() in query or b"utm_" in query):
        return {}
    return {name: value for name, value in fields(query.decode("latin-1"), LONGEST).items() if value}


def hidden(carried: dict[str, str]) -> bytes:
    """As hidden inputs of a form."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in carried.items()
    ).encode("utf-8", "replace")


def onto(address: str, values: dict[str, str]) -> str:
    """The address with the values added to its query; what the query held before stays byte for byte."""
    parts = urlsplit(address)
    query = "&".join(filter(None, (parts.query, urlencode(values))))
    return urlunsplit(parts._replace(query=query))
