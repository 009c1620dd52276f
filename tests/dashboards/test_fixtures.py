"""The hand-made answers of the fixture API, checked against the OpenAPI document of the real query API.

Pages that are tested with answers which the API never gives are tested with nothing.
"""

import re
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from query_api.app import create_app
from tests.dashboards.fixture_api import FixtureApi
from tests.dashboards.fixture_kpis import TITLES
from tests.dashboards.fixture_measures import MEASURES, OF_NO_FLOW
from tests.dashboards.fixture_trails import TRAILS

FLOW = "/api/v1/flows/order-to-cash"
NAMES = [quote(case_id, safe="") for case_id in TRAILS]
ADDRESSES = [
    "/api/v1/search?q=P-7731", "/api/v1/search?q=SO-104", "/api/v1/search?q=nothing", "/api/v1/flows", FLOW,
    "/api/v1/flows/elsewhere", f"{FLOW}/hubs", f"{FLOW}/cases",
    *(f"{FLOW}/cases/{name}/trail" for name in NAMES), *(f"{FLOW}/cases/{name}/logs?logs=warnings" for name in NAMES),
    *(f"{FLOW}/kpis?only={kpi}" for kpi in TITLES),
    f"{FLOW}/kpis?group_by=channel&compare=previous", f"{FLOW}/measures", "/api/v1/flows/-/measures",
    *(f"{FLOW}/measures/{measure['measure']}?group_by=channel" for measure in MEASURES),
    *(f"/api/v1/flows/-/measures/{quote(measure['measure'], safe='')}" for measure in OF_NO_FLOW),
]  # fmt: skip


@pytest.fixture(scope="module")
def openapi():
    """The document of the real app. A field that it does not name is an error, too."""
    document = create_app(store=None).openapi()
    for schema in document["components"]["schemas"].values():
        schema["additionalProperties"] = False
    return document


def problems(openapi, schema, answer):
    """What is wrong with an answer, each with its place in it."""
    validator = Draft202012Validator({**schema, "components": openapi["components"]})
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(answer)]


def operation(openapi, address):
    """The operation that answers an address: of all paths that match, the one with the fewest parameters."""
    path = address.split("?")[0]
    matching = [known for known in openapi["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)]
    return openapi["paths"][min(matching, key=lambda known: known.count("{"))]["get"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_fixture_answers_as_the_api_does(openapi, address):
    check(openapi, "normal", address)


@pytest.mark.parametrize("address", ["/api/v1/search?q=P-7731", "/api/v1/flows", f"{FLOW}/cases"])
def test_the_fixture_without_data_answers_as_the_api_does(openapi, address):
    check(openapi, "empty", address)


@pytest.mark.parametrize("address", [f"{FLOW}/kpis", f"{FLOW}/measures"])
def test_the_fixture_in_which_nothing_has_ended_answers_as_the_api_does(openapi, address):
    check(openapi, "unfinished", address)


def check(openapi, mode, address):
    """The answer in a mode of the fixture fits the schema of its address."""
    fixture = FixtureApi()
    fixture.mode = mode
    status, answer = fixture.answer(address)
    assert status == 200
    schema = operation(openapi, address)["responses"]["200"]["content"]["application/json"]["schema"]
    assert problems(openapi, schema, answer) == []


@pytest.mark.parametrize("mode", ["down", "refusing"])
def test_the_fixture_refuses_as_the_api_does(openapi, mode):
    fixture = FixtureApi()
    fixture.mode = mode
    status, answer = fixture.answer("/api/v1/flows")
    refusal = operation(openapi, "/api/v1/flows")["responses"]["default"]["content"]["application/problem+json"]
    assert status == answer["status"]
    assert problems(openapi, refusal["schema"], answer) == []
