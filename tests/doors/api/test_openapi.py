"""The whole API as its OpenAPI document describes it, asked at random: no fault, and no answer that it does not describe."""

import json
import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from safelaunch.config.wsgi import application
from safelaunch.interfaces.api.urls import api
from tests.conftest import empty
from tests.doors.matrix import estate
from tests.doors.matrix.estate import SUBJECTS

EXAMPLES = int(os.environ.get("SAFELAUNCH_API_EXAMPLES", "12"))
"""Requests of each kind to each operation; `make fuzz-api` asks more."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# Who asks is no part of what is made up: everybody here is signed in.
DOCUMENT = json.dumps({**api.get_openapi_schema(), "security": []}).replace(
    '"security": [{"SignedIn": []}]', '"security": []'
)
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def can_be_wrong(operation) -> bool:
    """Whether something can be sent to an operation that its description does not allow: any text is a name."""
    schemas = [parameter["schema"] for parameter in operation.get("parameters", ())]
    return "requestBody" in operation or any(
        set(schema) - {"title", "type"} or schema["type"] != "string" for schema in schemas
    )


ASKED = [
    (path, method, mode)
    for path, operations in json.loads(DOCUMENT)["paths"].items()
    for method, operation in operations.items()
    for mode in (POSITIVE, NEGATIVE)
    if mode is POSITIVE or can_be_wrong(operation)
]
ASKERS = ("Olivia", estate.BEA)


@pytest.fixture(scope="module")
def sessions(migrated_database: None) -> Iterator[dict[str, dict[str, str]]]:
    """Cookies of people who are signed in."""
    clients = estate.furnish()
    yield {
        name: {cookie: morsel.value for cookie, morsel in clients[name].cookies.items()} for name in ASKERS
    }
    empty()


@pytest.mark.parametrize(("path", "method", "mode"), ASKED, ids=str)
def test_an_operation_answers_anything_as_its_description_says(sessions, path, method, mode):
    schema = schemathesis.openapi.from_dict(json.loads(DOCUMENT))
    schema.app = application
    operation = schema[path][method.upper()]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode), choice=st.randoms(use_true_random=False))
    def ask(case, choice):
        if mode is POSITIVE:
            # A name that was made up is of nothing; one in two is of something.
            for named in (case.path_parameters, case.query):
                for name in set(named or ()) & set(SUBJECTS):
                    if choice.random() < 0.5:
                        named[name] = choice.choice(SUBJECTS[name]).value
        cookies = sessions[choice.choice(ASKERS)]
        response = case.call(cookies=cookies, headers={"X-CSRFToken": cookies["csrftoken"]})
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            assert response.headers["content-type"] == ["application/problem+json"]

    ask()
