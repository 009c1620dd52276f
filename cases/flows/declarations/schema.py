"""The JSON schema of a flow file, for editors and other programs; docs/flow.schema.json is this text."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from cases.flows.declarations.flow_file import FlowFile


class _Untitled(GenerateJsonSchema):
    """Leaves out the titles of fields: they only repeat the names."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def schema_text() -> str:
    """The schema as JSON, indented by two spaces."""
    schema = FlowFile.model_json_schema(schema_generator=_Untitled)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A flow of Flowtrail"}
    return json.dumps({**head, **schema, "title": head["title"]}, indent=2, ensure_ascii=False) + "\n"
