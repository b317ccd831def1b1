"""Sets up the demo shop, and finds it again: every step looks first whether it was done before."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any, Final

import httpx2
from msgspec import structs

from adapters.host.demo.client import TIMEOUT, Refused, result_of
from adapters.host.demo.keyring import SLUG, Keyring, read_keyring, write_keyring
from adapters.host.settings import Settings
from kernel.errors import DomainError

PROGRAMME: Final = {
    "title": "Share the light",
    "terms": {
        "currency": "EUR",
        "friend_deal": {"kind": "fixed", "amount": {"amount_minor": 1000, "currency": "EUR"}},
        "advocate_reward": {
            "kind": "percent",
            "basis_points": 1000,
            "cap": {"amount_minor": 2500, "currency": "EUR"},
        },
        "minimum_order": {"amount_minor": 4000, "currency": "EUR"},
        "first_order_only": True,
        "hold_days": 14,
        "claim_days": 30,
        "attribution_days": 30,
    },
}
BRAND: Final = {"logo_url": "", "colour": "#14313a", "colour_text": "#ffffff"}
KNOWN_WITHIN_S: Final = 20.0
CONNECTION: Final = "Nordlicht on Shopify"
SCOPES: Final = tuple(
    f"{context}:{right}"
    for context in ("shops", "referral", "acquisition", "engagement", "tracking")
    for right in ("read", "write")
)
Said = Callable[[str], None]


class Api:
    """A synchronous client with one key."""

    def __init__(self, base_url: str, key: str) -> None:
        self._client = httpx2.Client(
            base_url=base_url, timeout=TIMEOUT, headers={"authorization": f"Bearer {key}"}, trust_env=False
        )

    def get(self, path: str, **query: str | int) -> Any:
        return self._call("GET", path, query=query)

    def post(self, path: str, body: object = None) -> Any:
        return self._call("POST", path, body=body)

    def patch(self, path: str, body: object) -> Any:
        return self._call("PATCH", path, body=body)

    def _call(self, method: str, path: str, *, body: object = None, query: Any = None) -> Any:
        """A new shop is not known everywhere at once: 503 says so, and to try again."""
        deadline = time.monotonic() + KNOWN_WITHIN_S
        while True:
            response = self._client.request(method, path, json=body, params=query)
            if response.status_code != 503 or time.monotonic() > deadline:
                return result_of(response)
            time.sleep(0.1)

    def close(self) -> None:
        self._client.close()


def seed(settings: Settings, conninfo: str, base_url: str, said: Said) -> Keyring:
    """The demo shop's keys, after everything it needs is there. `base_url` is where the API answers."""
    keyring = read_keyring(settings.data_folder)
    if keyring is None or not _accepted(keyring.secret_key, base_url):
        said("opening the shop Nordlicht")
        keyring = Keyring(secret_key=asyncio.run(_open_shop(settings, conninfo)))
        write_keyring(settings.data_folder, keyring)
    api = Api(base_url, keyring.secret_key)
    try:
        _settle_shop(api, settings)
        for step in (_programme, _connection, _publishable_key, _identify_secret):
            keyring = step(api, keyring)
            write_keyring(settings.data_folder, keyring)
    finally:
        api.close()
    return keyring


def _accepted(key: str, base_url: str) -> bool:
    api = Api(base_url, key)
    try:
        api.get("/api/v1/shop")
    except Refused:
        return False
    finally:
        api.close()
    return True


async def _open_shop(settings: Settings, conninfo: str) -> str:
    """A key of the shop, which is opened when it is not there yet."""
    from adapters.host.composition import Installation
    from adapters.host.operate import ShopWanted, make_key, open_shop

    wanted = ShopWanted(
        slug=SLUG, title="Nordlicht", country="DE", currency="EUR", locales=("de", "en"), time_zone="Europe/Berlin",
        storefront_url=f"{settings.base_url}/demo", test_mode=True,
    )  # fmt: skip
    installation = Installation(settings, conninfo)
    try:
        return (await open_shop(installation, wanted)).secret_key
    except DomainError as refused:
        if refused.code != "slug_taken":
            raise
        return await make_key(installation, SLUG, SCOPES)
    finally:
        await installation.close()


def _settle_shop(api: Api, settings: Settings) -> None:
    """The storefront's address follows the port; the brand is set once and then the people's to change."""
    shop = api.get("/api/v1/shop")
    changes: dict[str, Any] = {}
    if shop["storefront_url"] != f"{settings.base_url}/demo":
        changes["storefront_url"] = f"{settings.base_url}/demo"
    if shop["revision"] == 1:
        changes["brand"] = BRAND
    if changes:
        api.patch("/api/v1/shop", changes)


def _programme(api: Api, keyring: Keyring) -> Keyring:
    there = api.get("/api/v1/programmes", limit=100)["items"]
    # One that was ended to see what happens gives way to a new one: a demo without a programme shows nothing.
    if any(one["id"] == keyring.programme_id and one["state"] != "ended" for one in there):
        return keyring
    programme = next((one for one in there if one["state"] in {"live", "draft"}), None)
    programme = programme or api.post("/api/v1/programmes", PROGRAMME)
    if programme["state"] == "draft":
        api.post(f"/api/v1/programmes/{programme['id']}/launch")
    return structs.replace(keyring, programme_id=programme["id"])


def _connection(api: Api, keyring: Keyring) -> Keyring:
    if keyring.connection_id:
        return keyring
    secret = f"shpss_{secrets.token_hex(16)}"
    made = api.post("/api/v1/connections", {"kind": "shopify", "title": CONNECTION, "secret": secret})
    return structs.replace(keyring, connection_id=made["id"], webhook_secret=secret)


def _publishable_key(api: Api, keyring: Keyring) -> Keyring:
    if keyring.publishable_key:
        return keyring
    made = api.post("/api/v1/keys", {"label": "Storefront", "kind": "publishable"})
    return structs.replace(keyring, publishable_key=made["secret"])


def _identify_secret(api: Api, keyring: Keyring) -> Keyring:
    """The newest one: somebody may have exchanged it since, to see what happens."""
    path = "/api/v1/tag/identify-secrets"
    known = api.get(path)["secrets"] or api.post(path)["secrets"]
    return structs.replace(keyring, identify_secret=known[0])
