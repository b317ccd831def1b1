"""What the OpenAPI document says of a platform's door, which is a plain handler that Litestar knows nothing of."""

from typing import Any, Final

from adapters.tracking.platforms.platform import Platform

_PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: Final = {
    "401": "The signature does not fit, or the message is too old",
    "404": "There is no such connection of this platform",
    "413": "The body is larger than 1 MB",
    "503": "It could not be stored: send it again",
}


def path_of(platform: Platform) -> str:
    return f"/webhooks/{platform.address}/{{connection_id}}"


def operation_of(platform: Platform) -> dict[str, Any]:
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
            **{status: {"description": said, "content": _PROBLEM} for status, said in _REFUSALS.items()},
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
    }
}


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}
