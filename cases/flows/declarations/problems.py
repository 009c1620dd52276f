"""The problems of a flow file: file, line, field, what is wrong and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import yaml

from cases.errors import CasesError
from cases.flows.declarations.flow_file import (
    CalendarPart,
    FlowFile,
    FlowFilePart,
    OwnerPart,
    PricePart,
    RoutingPart,
    StepPart,
)

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from cases.flows.declarations.yaml_source import Location, YamlSource

# The model of each part of the file, for its field names and examples. * stands for the name of a step.
_PARTS: Final[dict[Location, type[FlowFilePart]]] = {
    (): FlowFile,
    ("owner",): OwnerPart,
    ("steps", "*"): StepPart,
    ("steps", "*", "price"): PricePart,
    ("routing",): RoutingPart,
    ("calendar",): CalendarPart,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. ``line`` counts from 1 and is 0 if unknown; ``field`` is '' for the file as a whole."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (where, self.field, self.message)))


class DeclarationInvalid(CasesError):
    """A flow file that cannot be used. ``problems`` has everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("invalid", "\n".join(map(str, problems)), "")
        self.problems = problems


def problems_of(error: ValidationError, file: str, source: YamlSource | None = None) -> tuple[Problem, ...]:
    """Every problem in ``error``, sorted by line if ``source`` is there to say the lines."""
    problems = [_problem(details, file, source) for details in error.errors(include_url=False)]
    return tuple(sorted(problems, key=lambda problem: problem.line))


def _problem(error: ErrorDetails, file: str, source: YamlSource | None) -> Problem:
    # For a bad key of a mapping, pydantic's location ends with the key and the marker [key]: point at the mapping.
    location = error["loc"][:-2] if error["loc"][-1:] == ("[key]",) else error["loc"]
    location, message = _moved(location, _message(error, location, source))
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    return Problem(file, source.line(location) if source else 0, field, message)


def _moved(location: Location, message: str) -> tuple[Location, str]:
    """The field that a rule over several fields is about: its message starts with it, ``steps.settle.ends: …``."""
    named, colon, rest = message.partition(": ")
    parts = tuple(named.split("."))
    if not location and colon and parts[0] in FlowFile.model_fields:
        return parts, rest
    return location, message


def _message(error: ErrorDetails, location: Location, source: YamlSource | None) -> str:
    kind, value = error["type"], error["input"]
    reason = error["msg"].removeprefix("Value error, ")
    match kind:
        case "missing":
            message = f"this is missing. {_example(location)}"
        case "extra_forbidden":
            message = _unknown(location)
        case "string_type":
            message = f"{_shown(value)} is {_kind(value)}, not text. {_quoted(value, location, source)}"
        case "literal_error":
            message = _not_among(value, error.get("ctx", {}).get("expected", ""))
        case "model_type" | "model_attributes_type" | "dict_type":
            message = f"{_shown(value)} is {_kind(value)}, but fields belong here. {_example(location)}"
        case "list_type":
            message = f"{_shown(value)} is {_kind(value)}, but a list belongs here. {_example(location)}"
        case "value_error":
            message = f"{reason}."
        case _:
            message = f"{_shown(value)}: {reason[:1].lower()}{reason[1:]}. {_example(location)}"
    return message.strip()


def _unknown(location: Location) -> str:
    known = list(part.model_fields) if (part := _part(location[:-1])) else []
    near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    ask = f"Did you mean {near[0]}?" if near else f"The fields are: {', '.join(known)}."
    return f"there is no such field. {ask}"


def _not_among(value: object, expected: str) -> str:
    known = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    near = get_close_matches(str(value), known, n=1, cutoff=0.5)
    ask = f" Did you mean {near[0]}?" if near else ""
    return f"{_shown(value)} is not one of {', '.join(known)}.{ask}"


def _quoted(value: object, location: Location, source: YamlSource | None) -> str:
    """What to write where YAML read a bare word as a number, a date or a boolean."""
    if isinstance(value, (int, float)) and location[-1:] in (("sla",), ("timeout",)):
        return f"Write it with its unit. {_example(location)}"
    if isinstance(value, bool):
        return "YAML reads yes, no, on and off as true or false: put the word in quotes."
    if isinstance(value, (dict, list)) or value is None:
        return _example(location)
    written = source.scalar(location) if source else ""
    return f'Put it in quotes: "{written or value}"'


def _example(location: Location) -> str:
    """``Write it like …`` with an example of the field; '' if it has none."""
    if len(location) == 2 and location[0] == "steps":
        return f"Write it like {location[1]}: {{kind: task}}"
    field = _field(location)
    if field is None or not field.examples:
        return ""
    example = yaml.safe_dump({location[-1]: field.examples[0]}, default_flow_style=True, sort_keys=False, width=200)
    return f"Write it like {example.strip()[1:-1]}"


def _field(location: Location) -> FieldInfo | None:
    part = _part(location[:-1]) if location else None
    return part.model_fields.get(str(location[-1])) if part else None


def _part(location: Location) -> type[FlowFilePart] | None:
    """The model of the part of the file at ``location``."""
    general = tuple("*" if place == 1 and location[0] == "steps" else name for place, name in enumerate(location))
    return _PARTS.get(general)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {int: "a number", float: "a number", str: "a text", list: "a list", dict: "a set of fields"}
    return names.get(type(value), f"a {type(value).__name__}") if value is not None else "nothing"
