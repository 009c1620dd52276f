"""What is wrong with a flow file, in words: file, line, field, and what to write."""

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

# Which part of the file has which fields; * is the name of a step.
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
    """One thing to mend; ``line`` counts from 1, 0 when it is not known. ``field`` is '' for the file as a whole."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (where, self.field, self.message)))


class DeclarationInvalid(CasesError):
    """A flow file cannot be used; ``problems`` says all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("invalid", "\n".join(map(str, problems)), "")
        self.problems = problems


def problems_of(error: ValidationError, file: str, source: YamlSource | None = None) -> tuple[Problem, ...]:
    """Every problem in ``error``, in the order of the lines where ``source`` tells them."""
    found = [_problem(one, file, source) for one in error.errors(include_url=False)]
    return tuple(sorted(found, key=lambda problem: problem.line))


def _problem(error: ErrorDetails, file: str, source: YamlSource | None) -> Problem:
    location = error["loc"][:-2] if error["loc"][-1:] == ("[key]",) else error["loc"]
    location, message = _moved(location, _message(error, location, source))
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    return Problem(file, source.line(location) if source else 0, field, message)


def _moved(location: Location, message: str) -> tuple[Location, str]:
    """A rule over several fields begins with the field that it is about: ``steps.settle.ends: …``."""
    named, colon, rest = message.partition(": ")
    parts = tuple(named.split("."))
    if not location and colon and parts[0] in FlowFile.model_fields:
        return parts, rest
    return location, message


def _message(error: ErrorDetails, location: Location, source: YamlSource | None) -> str:
    kind, value = error["type"], error["input"]
    said = error["msg"].removeprefix("Value error, ")
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
            message = f"{said}."
        case _:
            message = f"{_shown(value)}: {said[:1].lower()}{said[1:]}. {_example(location)}"
    return message.strip()


def _unknown(location: Location) -> str:
    known = list(part.model_fields) if (part := _part(location[:-1])) else []
    near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    ask = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
    return f"there is no such field. {ask}"


def _not_among(value: object, expected: str) -> str:
    known = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
    near = get_close_matches(str(value), known, n=1, cutoff=0.5)
    ask = f" Did you mean {near[0]}?" if near else ""
    return f"{_shown(value)} is none of {', '.join(known)}.{ask}"


def _quoted(value: object, location: Location, source: YamlSource | None) -> str:
    """Numbers, dates and yes or no are what YAML makes of bare words; text in quotes stays text."""
    if isinstance(value, (int, float)) and location[-1:] in (("sla",), ("timeout",)):
        return f"Write it with its unit. {_example(location)}"
    if isinstance(value, bool):
        return "YAML reads yes, no, on and off so: put the word in quotes."
    if isinstance(value, (dict, list)) or value is None:
        return _example(location)
    written = source.scalar(location) if source else ""
    return f'Put it in quotes: "{written or value}"'


def _example(location: Location) -> str:
    """``Write it like …``, from the field's own examples; '' when it has none."""
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
    """The part of the file at ``location``, whichever step it is of."""
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
