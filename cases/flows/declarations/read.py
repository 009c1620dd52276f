"""Reads a flow file: YAML, then checked fields, then the declaration that they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from cases.flows.declarations.declaration import Calendar, Declaration, Owner, Price, Routing, Step
from cases.flows.declarations.duration import seconds_of
from cases.flows.declarations.flow_file import FlowFile, StepPart
from cases.flows.declarations.hours import week_of
from cases.flows.declarations.problems import DeclarationInvalid, Problem, problems_of
from cases.flows.declarations.yaml_source import YamlError, read_source

if TYPE_CHECKING:
    from pathlib import Path

    from cases.flows.declarations.yaml_source import YamlSource

SUFFIXES: Final = (".yaml", ".yml")

_WEEK_STARTS: Final = {"iso": 1, "monday": 1, "saturday": 6, "sunday": 7}


def read_file(path: Path) -> FlowFile:
    """The flow file at ``path``. Raises DeclarationInvalid with everything that is wrong with it."""
    where = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DeclarationInvalid((Problem(where, 0, "", f"the file cannot be read: {error}."),)) from None
    try:
        source = read_source(text)
    except YamlError as error:
        raise DeclarationInvalid((Problem(where, error.line, "", f"{error}."),)) from None
    if not isinstance(source.document, dict):
        raise DeclarationInvalid((Problem(where, 1, "", 'the file must have fields, such as "flow: order-to-cash".'),))
    return _checked(source.document, where, source)


def read_declaration(path: Path) -> Declaration:
    """The flow declared in the file at ``path``. Raises DeclarationInvalid with everything that is wrong with it."""
    return declaration_in(read_file(path))


def parse_declaration(document: dict[str, Any], where: str) -> Declaration:
    """The flow that ``document`` declares; ``where`` names it in errors. Raises DeclarationInvalid."""
    return declaration_in(_checked(document, where))


def declaration_in(file: FlowFile) -> Declaration:
    """The declaration that ``file`` means."""
    calendar = file.calendar
    return Declaration(
        name=file.flow,
        version=file.version or "",
        lead=file.lead,
        edges=file.edges,
        segments=tuple(file.segments),
        dimensions=tuple(file.dimensions),
        owner=Owner(file.owner.name, file.owner.contact or "") if file.owner else None,
        hub_limit=file.hub_limit,
        steps=tuple(_step(name, step) for name, step in file.steps.items()),
        outcomes={name: meaning == "success" for name, meaning in file.outcomes.items()},
        routing=_routing(file),
        sla_s=seconds_of(file.sla) if file.sla else 0,
        touchless_target=file.touchless_target,
        calendar=Calendar(
            time_zone=calendar.time_zone,
            week_starts=_WEEK_STARTS[calendar.week],
            business_hours=week_of(calendar.business_hours),
            holidays=tuple(sorted(calendar.holidays)),
        ),
        document=file.model_dump_json(exclude_defaults=True),
    )


def _checked(document: dict[str, Any], where: str, source: YamlSource | None = None) -> FlowFile:
    try:
        return FlowFile.model_validate(document)
    except ValidationError as error:
        raise DeclarationInvalid(problems_of(error, where, source)) from None


def _step(name: str, step: StepPart) -> Step:
    price = step.price
    return Step(
        name=name,
        kind=step.kind,
        optional=step.optional,
        loop=step.loop,
        touches=None if step.touches is None else tuple(step.touches),
        price=Price(price.per_attempt, price.per_second, price.currency) if price else None,
        timeout_s=seconds_of(step.timeout) if step.timeout else 0,
        escalate_to=step.escalate_to or "",
        ends=step.ends or "",
    )


def _routing(file: FlowFile) -> Routing | None:
    if not file.routing:
        return None
    routing = file.routing
    return Routing(routing.dimension, tuple(routing.automated), tuple(routing.manual), tuple(routing.cohort))
