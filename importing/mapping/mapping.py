"""What the attributes of a log mean: the mapping file of ``flowtrail import --map``, validated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import yaml
from flowtrail.conventions import ActorType, ErrorClass, StepKind  # noqa: TC002 - pydantic reads them at run time
from pydantic import Field, ValidationError, model_validator

from importing.errors import ImportFailed
from importing.mapping.value_source import (
    AttributeSource,
    ConstantSource,
    MappingPart,
    Patterns,
    RefType,
    ValueSource,
    Zone,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Mapping", "ValueSource", "parse_mapping", "read_mapping"]


class TimesPart(MappingPart):
    """How times are written."""

    format: str = Field(
        default="",
        description="strptime format, or one of s, ms, us, ns for a count since 1970. Empty: ISO 8601.",
    )
    zone: Zone = Field(default="UTC", description="IANA time zone of times that name none.")


class LifecyclePart(MappingPart):
    """What the transitions of an activity do; a start and its end become one step with a duration."""

    attribute: AttributeSource = Field(
        default=ValueSource(attribute=("lifecycle:transition",)), description="Where the transition stands."
    )
    instance: AttributeSource | None = Field(
        default=ValueSource(attribute=("concept:instance",)), description="Tells runs of one activity apart."
    )
    start: Patterns = Field(default=("start",), description="Begins a step.")
    complete: Patterns = Field(default=("complete",), description="Ends it.")
    failed: Patterns = Field(default=("ate_abort", "pi_abort"), description="Ends it without success.")
    notes: Patterns = Field(
        default=("schedule", "assign", "reassign", "suspend", "resume"),
        description="Happens to a step that is not a step itself; kept with the step as an event of its span.",
    )
    skipped: Patterns = Field(
        default=("withdraw", "manualskip", "autoskip"), description="The step did not take place: nothing is sent."
    )


class ActorRule(MappingPart):
    """The first rule that fits tells who acted."""

    match: Patterns = Field(description="What the resource (or `of`) looks like.")
    of: AttributeSource | None = Field(default=None, description="Look here instead of at the resource.")
    type: ActorType


class ActorPart(MappingPart):
    """Who did it."""

    type: AttributeSource | None = Field(default=None, description="An attribute that says it in our words.")
    rules: tuple[ActorRule, ...] = Field(default=(), description="The first that fits decides.")
    otherwise: ActorType = Field(default="unknown", description="Type where no rule fits.")


class MoneyPart(MappingPart):
    """An amount and its currency."""

    amount: AttributeSource
    currency: ConstantSource | None = Field(default=None, description="ISO 4217, such as EUR.")
    factor: float = Field(default=1, description="Multiplies the amount: 0.01 for cents.")


class OutcomeRule(MappingPart):
    """A rule for the end of a case: the first that fits."""

    contains: Patterns = Field(default=(), description="One of the case's activities is like this.")
    ends_with: Patterns = Field(default=(), description="The case's last activity is like this.")
    outcome: str = Field(min_length=1)


class OutcomesPart(MappingPart):
    """What ends a case."""

    events: dict[str, Patterns] = Field(
        default_factory=dict, description="Outcome → activities that end the case with it, each time they occur."
    )
    last: tuple[OutcomeRule, ...] = Field(
        default=(), description="Ends every case that a rule fits, with its last event. The first that fits decides."
    )


class ErrorsPart(MappingPart):
    """What failed."""

    classes: dict[ErrorClass, Patterns] = Field(
        default_factory=dict, description="business or infrastructure → activities that are failures of this class."
    )
    error_class: AttributeSource | None = Field(
        default=None, description="Attribute that says business or infrastructure."
    )
    type: AttributeSource | None = Field(
        default=None, description="Attribute with the code of the error; present: it failed."
    )
    message: AttributeSource | None = Field(default=None, description="Attribute with the text of the error.")


class LinkPart(MappingPart):
    """An id leads to another id."""

    source_type: RefType
    source: AttributeSource
    target_type: RefType
    target: AttributeSource


class CsvPart(MappingPart):
    """How a CSV file is written; what is not said is found out from its beginning."""

    delimiter: str = Field(default="", max_length=1, description="Empty: found out.")
    quote: str = Field(default='"', min_length=1, max_length=1)
    encoding: str = Field(default="utf-8", description="Such as utf-8 or cp1252.")
    decimal: Literal[".", ","] = "."


class ObjectsPart(MappingPart):
    """How the objects of an OCEL log become cases and ids."""

    lead: str = Field(default="", description="Object type that is the case. Empty: the one in the most events.")
    types: dict[str, RefType | None] = Field(
        default_factory=dict, description="Object type → type of id, or null to leave it out. Default: its own name."
    )


class Mapping(MappingPart):
    """What is said takes the place of what would be guessed."""

    flow: ConstantSource | None = Field(default=None, description="Name of the flow. Default: the name of the file.")
    flow_version: str = Field(default="", description="Version of the flow.")
    system: ConstantSource | None = Field(
        default=None, description="System that did the work. Default: the name of the file."
    )
    case: AttributeSource | None = Field(default=None, description="The id of the case.")
    no_case: bool = Field(
        default=False, description="Events name no case; they belong to the cases that their ids reach."
    )
    activity: AttributeSource | None = Field(default=None, description="What was done: the step.")
    steps: dict[str, str] = Field(default_factory=dict, description="Activity → name of the step, where it differs.")
    timestamp: AttributeSource | None = Field(default=None, description="When it was done (ended).")
    start: AttributeSource | None = Field(default=None, description="When it began, where one record has both times.")
    times: TimesPart = TimesPart()
    lifecycle: LifecyclePart | Literal["none"] = Field(
        default=LifecyclePart(), description="Transitions, or none: every record is a step."
    )
    resource: AttributeSource | None = Field(default=None, description="Who did it: the id of the actor.")
    actor: ActorPart | None = Field(default=None, description="What kind of actor that is.")
    dimensions: dict[str, AttributeSource] = Field(
        default_factory=dict, description="Dimension → where its value stands."
    )
    value: MoneyPart | None = Field(default=None, description="The money at stake in the case.")
    cost: MoneyPart | None = Field(default=None, description="What the step cost.")
    refs: dict[RefType, AttributeSource] = Field(
        default_factory=dict, description="Type of id → where ids of it stand; with * every attribute that fits counts."
    )
    links: tuple[LinkPart, ...] = Field(default=(), description="Ids that lead to other ids.")
    actions: dict[str, Patterns] | None = Field(
        default=None, description="Action (approve, reject, edit, submit …) → activities. The first that fits decides."
    )
    kinds: dict[StepKind, Patterns] = Field(default_factory=dict, description="Kind of step → activities.")
    outcomes: OutcomesPart = OutcomesPart()
    errors: ErrorsPart = ErrorsPart()
    idempotency_key: AttributeSource | None = None
    attempt: AttributeSource | None = Field(default=None, description="1, 2, … of the same step and object.")
    nulls: tuple[str, ...] = Field(default=("",), description="Texts that mean: no value.")
    keep: Literal["all", "none"] | tuple[str, ...] = Field(
        default="all", description="Attributes (patterns) that are kept with the event as they are, as source.<name>."
    )
    objects: ObjectsPart = ObjectsPart()
    csv: CsvPart = CsvPart()

    @model_validator(mode="after")
    def _case(self) -> Mapping:
        if self.no_case and self.case is not None:
            raise ValueError("say case or no_case, not both")
        return self


def read_mapping(path: Path) -> Mapping:
    """The mapping in the YAML file at ``path``; raises ImportFailed ``invalid_mapping`` with the place to mend."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ImportFailed("invalid_mapping", f"The mapping {path} cannot be read: {error}.") from None
    return parse_mapping(document, str(path))


def parse_mapping(document: Any, where: str) -> Mapping:
    """The mapping in ``document``; ``where`` names it in errors."""
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors(include_url=False, include_input=False)
        )
        hint = "docs/import.md lists what a mapping may say."
        raise ImportFailed("invalid_mapping", f"The mapping {where} does not fit: {problems}.", hint) from None
