"""What a visitor holds and speaks, as far as the browser says it."""

from typing import Literal

Device = Literal["phone", "tablet", "desktop", "other"]

_TABLETS = ("ipad", "tablet", "kindle", "silk/", "playbook")
_PHONES = ("iphone", "ipod", "windows phone", "blackberry", "opera mini", "iemobile")
_DESKTOPS = ("windows nt", "macintosh", "cros ", "x11", "linux x86_64")


def device_of(agent: str) -> Device:
    """The class of device that a user agent names. An iPad that asks for desktop pages calls itself a Macintosh."""
    said = agent.lower()
    if any(word in said for word in _TABLETS):
        return "tablet"
    if any(word in said for word in _PHONES):
        return "phone"
    if "android" in said:
        return "phone" if "mobile" in said else "tablet"
    if any(word in said for word in _DESKTOPS):
        return "desktop"
    return "phone" if "mobile" in said else "other"


def first_language(accepted: str) -> str:
    """The primary subtag of the most wanted language of an Accept-Language header ("de"), or ""."""
    best, weight = "", 0.0
    for entry in accepted.split(",")[:20]:
        tag, _, parameters = entry.partition(";")
        wanted = _weight(parameters)
        language = tag.strip().partition("-")[0].lower()
        if wanted > weight and 2 <= len(language) <= 3 and language.isascii() and language.isalpha():
            best, weight = language, wanted
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
