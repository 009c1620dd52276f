"""Where values come from and what texts look like: the small words of a mapping file."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_TYPE: Final = re.compile(r"[a-z0-9_]+")
_RESERVED: Final = ("case", "trace")


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return text


def _pattern(text: str) -> str:
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        _regex(text[1:-1])
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin") from None
    return name


def _ref_type(text: str) -> str:
    if not _TYPE.fullmatch(text) or text in _RESERVED:
        raise ValueError(f"{text!r} cannot be a type of id: lower-case letters, digits and _, not 'case' or 'trace'")
    return text


def _attribute(value: Any) -> Any:
    """A plain text, or a list of them, names attributes."""
    return {"attribute": value} if isinstance(value, (str, list)) else value


def _constant(value: Any) -> Any:
    """A plain text is the value itself."""
    return {"value": value} if isinstance(value, (str, int, float)) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Regex = Annotated[str, AfterValidator(_regex)]
Zone = Annotated[str, AfterValidator(_zone)]
RefType = Annotated[str, AfterValidator(_ref_type)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | list[str])]


class MappingPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ValueSource(MappingPart):
    """Where a value comes from: the first of these attributes that has one, or a template, or a constant."""

    attribute: Names = Field(
        default=(), description="Name of an attribute or column, or several: the first that has a value. * is any text."
    )
    template: str = Field(default="", description="Text with {attribute name} in it; no value if one of them has none.")
    value: str | float | None = Field(default=None, description="The value itself, the same for every event.")
    match: Regex = Field(
        default="", description="Regular expression: its first group, or all that it finds. Not found: no value."
    )
    map: dict[str, str] = Field(default_factory=dict, description="Replaces values; others stay as they are.")

    @model_validator(mode="after")
    def _one(self) -> ValueSource:
        if sum((bool(self.attribute), bool(self.template), self.value is not None)) != 1:
            raise ValueError("say exactly one of attribute, template and value")
        return self


AttributeSource = Annotated[
    ValueSource, BeforeValidator(_attribute, json_schema_input_type=str | list[str] | ValueSource)
]
"""A plain text names an attribute, a list several."""

ConstantSource = Annotated[ValueSource, BeforeValidator(_constant, json_schema_input_type=str | float | ValueSource)]
"""A plain text is the value."""
