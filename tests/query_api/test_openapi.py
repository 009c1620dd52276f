import re

import pytest


@pytest.fixture(scope="module")
def openapi(api):
    response = api.get("/api/v1/openapi.json")
    assert response.status_code == 200
    return response.json()


@pytest.fixture(scope="module")
def manual(repository):
    return (repository / "docs" / "api.md").read_text()


def operations(openapi):
    return [(path, operation) for path, item in openapi["paths"].items() for operation in item.values()]


def properties(openapi):
    schemas = openapi["components"]["schemas"]
    return [(name, field, shape) for name, schema in schemas.items() for field, shape in schema["properties"].items()]


def test_every_endpoint_is_in_the_manual(openapi, manual):
    missing = [path for path, _ in operations(openapi) if f"GET {path}`" not in manual]
    assert missing == []


def test_every_parameter_is_in_the_manual_under_its_endpoint(openapi, manual):
    sections = dict(re.findall(r"^## `GET (\S+?)`\n(.*?)(?=^## |\Z)", manual, re.MULTILINE | re.DOTALL))
    missing = [
        (path, parameter["name"])
        for path, operation in operations(openapi)
        for parameter in operation.get("parameters", [])
        if f"`{parameter['name']}`" not in sections[path]
    ]
    assert missing == []


def test_every_field_of_every_answer_is_in_the_manual(openapi, manual):
    missing = sorted({field for _, field, _ in properties(openapi) if f"`{field}`" not in manual})
    assert missing == []


def test_every_parameter_is_described_and_has_an_example(openapi):
    bare = [
        (path, parameter["name"])
        for path, operation in operations(openapi)
        for parameter in operation.get("parameters", [])
        if not (parameter.get("description") and (parameter["schema"].get("examples") or parameter.get("examples")))
    ]
    assert bare == []


def test_every_field_has_an_example_unless_its_shape_has(openapi):
    def shown(shape):
        parts = [shape, *shape.get("anyOf", []), shape.get("items", {}), shape.get("additionalProperties") or {}]
        return "examples" in shape or any("$ref" in part for part in parts if isinstance(part, dict))

    assert [(name, field) for name, field, shape in properties(openapi) if not shown(shape)] == []


def test_every_operation_says_what_it_does_and_how_it_fails(openapi):
    for path, operation in operations(openapi):
        assert operation["summary"], path
        assert operation["description"], path
        assert "application/problem+json" in operation["responses"]["default"]["content"], path
        assert set(operation["responses"]) == {"200", "default"}, path


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/api/v1/docs"])
def test_there_is_no_page_that_loads_scripts_from_elsewhere(api, path):
    assert api.get(path).status_code == 404
