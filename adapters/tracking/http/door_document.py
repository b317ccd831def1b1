"""What the OpenAPI document says of a platform's door, which is a plain handler that Litestar knows nothing of."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.tracking.platforms.platform import Platform, Registration

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: Final = {
    "401": "The signature does not fit, or the message is too old",
    "403": "The shop has switched this connection off",
    "404": "There is no such connection of this platform",
    "413": "The body is larger than 1 MB",
    "503": "It could not be stored: send it again",
}


def path_of(platform: Platform) -> str:
    return f"/webhooks/{platform.address}/{{connection_id}}"


def operations_of(platform: Platform) -> dict[str, Any]:
    """By method."""
    operations = {"post": _delivery(platform)}
    if platform.registration is not None:
        operations["get"] = _registration(platform, platform.registration)
    return operations


def _registration(platform: Platform, registration: Registration) -> dict[str, Any]:
    """The GET by which the platform makes itself known."""
    parameters = [_parameter("connection_id", "path", required=True)]
    parameters += [_parameter(name, "query", required=True) for name in registration.query]
    parameters += [_parameter(name, "header", required=False) for name in registration.headers]
    refused = {"401": _REFUSALS["401"], "422": "The registration names no shop"}
    refused |= {status: _REFUSALS[status] for status in ("403", "404", "503")}
    return {
        "operationId": f"register{platform.kind.capitalize()}",
        "tags": ["tracking"],
        "summary": f"What {platform.title} asks before it delivers",
        "description": "Signed by the platform over the query as sent; no key is needed. The answer proves who we are.",
        "security": [{}],
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "The proof",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RegistrationAnswer"}}},
            },
            **_refused(refused),
        },
    }


def _refused(refusals: Mapping[str, str]) -> dict[str, Any]:
    return {status: {"description": said, "content": _PROBLEM} for status, said in sorted(refusals.items())}


def _delivery(platform: Platform) -> dict[str, Any]:
    """The POST that delivers a message of the platform."""
    parameters = [_parameter("connection_id", "path", required=True)]
    parameters += [_parameter(name, "header", required=False) for name in platform.headers]
    return {
        "operationId": f"deliver{platform.kind.capitalize()}",
        "tags": ["tracking"],
        "summary": f"What {platform.title} delivers",
        "description": (
            "Signed by the platform over the body as sent; no key is needed. 200 means that it is stored, and a"
            " repetition is 200 again. What cannot be read is put aside with a reason, not refused."
        ),
        "security": [{}],
        "parameters": parameters,
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": {
                "description": "It is stored",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DeliveryAnswer"}}},
            },
            **_refused(_REFUSALS),
        },
    }


SCHEMAS: Final = {
    "DeliveryAnswer": {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {
                "type": "string",
                "enum": ["stored", "greeted"],
                "description": "greeted: it was only the platform's greeting of a new address.",
            }
        },
    },
    "RegistrationAnswer": {
        "type": "object",
        "required": ["proof", "secret", "confirmation_url"],
        "properties": {
            "proof": {"type": "string", "description": "That we know the secret which the shop's people pasted."},
            "secret": {"type": "string", "description": "What messages are signed with from now on."},
            "confirmation_url": {"type": "string", "description": "Where the platform confirms: this address."},
        },
    },
}


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}
