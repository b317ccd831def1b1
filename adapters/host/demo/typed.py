"""What people and browsers send to the demo shop, bounded and cleaned: anything may come."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request

from adapters.host.demo.catalogue import MOST_OF_ONE, PRODUCTS
from adapters.host.demo.shop import Buyer, Carried

LONGEST_FORM: Final = 16_384
_KEPT: Final = ("code", "claim")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,1500}")
_EMAIL: Final = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\".]+(?:\.[^@\s<>\".]+)+")


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a posted form, one line of text each; nothing when it is too long or cannot be read."""
    body = await request.body()
    if len(body) > LONGEST_FORM:
        return {}
    try:
        pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=40, errors="replace")
    except ValueError:
        return {}
    return {name: line(value, 1500 if name.startswith("grapevine_") else 200) for name, value in pairs}


def line(text: str, longest: int = 200) -> str:
    """Text as one line without control characters, cut to length."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[: longest * 4])
    return " ".join(kept.split())[:longest]


def basket_of(request: Request[Any, Any, Any]) -> dict[str, int]:
    """Pieces by product, from the cookie; what we do not sell is dropped."""
    basket: dict[str, int] = {}
    for entry in request.cookies.get("nordlicht_basket", "")[:500].split("_"):
        key, _, count = entry.partition(".")
        if key in PRODUCTS and count.isascii() and count.isdigit() and len(count) < 3 and int(count):
            basket[key] = min(int(count), MOST_OF_ONE)
    return basket


def basket_text(basket: Mapping[str, int]) -> str:
    return "_".join(f"{key}.{min(count, MOST_OF_ONE)}" for key, count in basket.items() if count > 0)


def carried_of(request: Request[Any, Any, Any]) -> Carried:
    """What a friend's link left in the shop's own cookies."""
    return Carried(**{name: _token(request.cookies.get(f"nordlicht_{name}", "")) for name in _KEPT})


def carried_with(form: Mapping[str, str], request: Request[Any, Any, Any]) -> Carried:
    """The same, with what the tag put into the form."""
    kept = carried_of(request)
    claim, click = (_token(form.get(f"grapevine_{name}", "")) for name in ("claim", "click"))
    return Carried(code=kept.code, claim=claim or kept.claim, click=click)


def arriving(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What a friend's link brings in its query, as far as the shop keeps it itself: the click is the tag's to keep."""
    query = request.query_params
    brought = {name: _token(str(query.get(f"gv_{name}", ""))) for name in _KEPT}
    return {name: value for name, value in brought.items() if value}


def buyer_of(form: Mapping[str, str], locale: str) -> tuple[Buyer, dict[str, str]]:
    """Who buys, and what is wrong with the fields by name."""
    buyer = Buyer(
        first_name=line(form.get("first_name", ""), 60),
        last_name=line(form.get("last_name", ""), 60),
        email=line(form.get("email", ""), 254),
        locale=form["locale"] if form.get("locale") in {"de", "en"} else locale,
    )
    wrong = {}
    if not buyer.first_name:
        wrong["first_name"] = "Please tell us your first name."
    if not _EMAIL.fullmatch(buyer.email):
        wrong["email"] = "Please check your e-mail address."
    return buyer, wrong


def locale_of(request: Request[Any, Any, Any]) -> str:
    return "de" if request.headers.get("accept-language", "")[:2].lower() == "de" else "en"


def from_elsewhere(request: Request[Any, Any, Any]) -> bool:
    """True when another website's page sends this form."""
    return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}


def _token(text: str) -> str:
    return text if _TOKEN.fullmatch(text) else ""
