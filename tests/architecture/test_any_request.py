"""Requests of every kind that the document allows, and of many that it forbids, are answered as it says."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.architecture.lived_in import LivedIn
from tests.architecture.operations import DOCUMENT
from tests.support.world import World

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
EXAMPLES = int(os.environ.get("GRAPEVINE_TEST_EXAMPLES", "8"))
"""Requests per operation and kind; the same ones in every run."""
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS: dict[str, Any] = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def ada(world: World) -> Iterator[LivedIn]:
    lived = LivedIn(world.open_shop())
    lived.live()
    yield lived


def real(case: Case[Any], known: dict[str, str]) -> None:
    """Have the request name things that are there."""
    for where in (case.path_parameters, case.query):
        for name in where or {}:
            if name in known:
                where[name] = known[name]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_any_request_is_answered_as_documented(label: str, mode: GenerationMode, ada: LivedIn) -> None:
    operation = OPERATIONS[label]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query or operation.path_parameters):
        return  # there is nothing to get wrong

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), there=st.booleans())
    def ask(case: Case[Any], there: bool) -> None:
        if there:
            real(case, ada.known)
        answer(case, ada)

    ask()


def answer(case: Case[Any], ada: LivedIn) -> None:
    sent: dict[str, Any] = case.as_transport_kwargs(base_url=str(ada.shop.client.base_url))
    headers = {name: str(value).encode("utf-8", "ignore") for name, value in dict(sent["headers"]).items()}
    headers["authorization"] = ada.shop.headers["authorization"].encode()
    response = ada.shop.client.request(
        sent["method"], sent["url"], params=sent.get("params"), headers=headers, json=sent.get("json"),
        content=sent.get("data"),
    )  # fmt: skip
    case.validate_response(response, checks=CHECKS)
