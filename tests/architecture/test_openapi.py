"""The OpenAPI document is complete, is the one that is committed, and the routes keep what it says."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.architecture.operations import DOCUMENT, Operation, operations
from tools import openapi

CONTEXTS = {"shops", "referral", "acquisition", "engagement", "tracking"}
OPERATIONS = list(operations())


def test_the_committed_document_is_what_the_code_says() -> None:
    committed = openapi.DOCUMENT.read_text("utf-8")
    assert committed == openapi.text(), "run `make openapi` and read the difference: clients rely on this document"


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert DOCUMENT["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def problems_of(operation: Operation) -> Iterator[str]:
    """What the document does not say about an operation."""
    document = operation.document
    if not re.fullmatch(r"[a-z][a-zA-Z]{2,40}", document.get("operationId", "")):
        yield f"{operation.name}: has no operation id in camelCase"
    if operation.tag not in CONTEXTS | {"health"}:
        yield f"{operation.name}: has no context as its tag"
    if not document.get("summary"):
        yield f"{operation.name}: has no summary"
    answers = document["responses"]
    if not any(status.startswith("2") for status in answers):
        yield f"{operation.name}: says nothing of success"
    wanted = set() if operation.public else {"401", "403", "503"} | ({"404"} if operation.parameters("path") else set())
    for status in sorted(wanted - set(answers)):
        yield f"{operation.name}: does not say that it may answer {status}"
    for status, answer in answers.items():
        if (
            status >= "400"
            and operation.tag != "health"
            and "application/problem+json" not in answer.get("content", {})
        ):
            yield f"{operation.name}: {status} is no problem document"


def fields_without_example(operation: Operation) -> Iterator[str]:
    """Required fields of a request body for which neither an example nor a shape says what to write."""
    content = operation.document.get("requestBody", {}).get("content", {})
    for media_type in content.values():
        schema = resolved(media_type["schema"])
        for name in schema.get("required", []):
            if not is_told(schema["properties"][name]):
                yield f"{operation.name}: {name} has no example"


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def is_told(schema: dict[str, Any]) -> bool:
    schema = resolved(schema)
    if any(name in schema for name in ("examples", "example", "enum", "const", "properties", "format")):
        return True
    parts = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    if "items" in schema:
        parts.append(schema["items"])
    return schema.get("type") in {"boolean", "integer"} or any(is_told(part) for part in parts)


def test_every_operation_says_what_it_is_and_what_it_answers() -> None:
    assert [problem for operation in OPERATIONS for problem in problems_of(operation)] == []


def test_every_required_field_has_an_example() -> None:
    assert [problem for operation in OPERATIONS for problem in fields_without_example(operation)] == []


def test_the_document_says_what_the_structs_say_of_themselves() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "`net` is without tax" in schemas["LineBody"]["description"]
    assert "typed at checkout" in schemas["OrderBody"]["properties"]["coupon_codes"]["description"]
    # Inherited, and of two structs with one name.
    assert schemas["SecretAnswer"]["properties"]["webhook_url"]["description"]
    assert schemas["acquisition_http_bodies_DealAnswer"]["description"]
    assert not re.search(r"\bNone\b", json.dumps(DOCUMENT)), "say null: readers do not write Python"


def test_a_parent_that_describes_bodies_in_general_describes_none() -> None:
    assert "description" not in DOCUMENT["components"]["schemas"]["CancelRequest"]


def test_the_introduction_names_routes_that_there_are() -> None:
    text = DOCUMENT["info"]["description"]
    named = set(re.findall(r"`(GET|POST) (/[a-z-]+(?:/[a-z{}_]+)*)`", text))
    there = {(operation.method, operation.path.removeprefix("/api/v1")) for operation in OPERATIONS}
    assert len(named) > 8
    assert named <= there


def test_whoever_may_repeat_a_request_reads_how_a_key_is_refused() -> None:
    posts = [item["post"] for item in DOCUMENT["paths"].values() if "post" in item]
    keyed = [
        post for post in posts if any(each.get("name") == "Idempotency-Key" for each in post.get("parameters", ()))
    ]
    assert len(keyed) > 30
    assert [post["operationId"] for post in keyed if not {"409", "422"} <= set(post["responses"])] == []


def test_a_body_says_that_it_takes_no_further_fields() -> None:
    bodies = [
        (operation.name, resolved(content["schema"]))
        for operation in OPERATIONS
        for media, content in operation.document.get("requestBody", {}).get("content", {}).items()
        if media == "application/json" and operation.path.startswith("/api/")
    ]
    assert len(bodies) > 30
    assert [name for name, schema in bodies if schema.get("additionalProperties") is not False] == []


def test_texts_in_lists_and_maps_have_their_limits() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    hosts = schemas["TagRequest"]["properties"]["hosts"]["oneOf"][0]["items"]
    utm = schemas["LinkRequest"]["properties"]["utm"]["additionalProperties"]
    scopes = schemas["KeyRequest"]["properties"]["scopes"]["items"]
    assert (hosts["maxLength"], utm["maxLength"], scopes["type"]) == (253, 200, "string")


def test_an_export_says_each_type_that_it_comes_as() -> None:
    content = DOCUMENT["paths"]["/api/v1/reports/exports"]["get"]["responses"]["200"]["content"]
    assert set(content) == {"text/csv", "application/gzip", "application/vnd.apache.parquet"}


def test_operation_ids_are_unique() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"responses": {"200": {}}, "tags": ["shops"], "summary": "x"}, "no operation id"),
        ({"operationId": "getIt", "responses": {"200": {}}, "summary": "x"}, "no context as its tag"),
        ({"operationId": "getIt", "responses": {}, "tags": ["shops"], "summary": "x"}, "nothing of success"),
        ({"operationId": "getIt", "responses": {"200": {}}, "tags": ["shops"], "summary": "x"}, "may answer 404"),
        ({"operationId": "getIt", "responses": {"200": {}, "404": {}}, "tags": ["shops"]}, "no problem document"),
        ({"operationId": "getIt", "responses": {"200": {}}, "tags": ["shops"]}, "no summary"),
    ],
)
def test_what_is_missing_is_found(document: dict[str, Any], said: str) -> None:
    document["parameters"] = [{"in": "path", "name": "id"}]
    (operation,) = operations({"paths": {"/x/{id}": {"get": document}}})
    assert [problem for problem in problems_of(operation) if said in problem]
