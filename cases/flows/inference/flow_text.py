"""The text of an inferred flow file. Its comments say what each guess is based on."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import yaml

from cases.flows.declarations.declaration import SUCCESS
from cases.flows.declarations.duration import duration_text
from cases.flows.inference.paths import guess_paths
from cases.flows.inference.steps import guess_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases.flows.inference.evidence import Dimension, Evidence
    from cases.flows.inference.paths import Paths
    from cases.flows.inference.steps import StepEvidence

# Words in an outcome that suggest a failure.
_FAILURES: Final = re.compile(
    r"reject|cancel|fail|declin|den(y|ied)|abort|error|expire|withdr|lost|void|refus|timeout|unsuccess|incomplet|abandon",
    re.IGNORECASE,
)
_MANUAL: Final = ("manual", "hand", "human", "person")
_AUTOMATED: Final = ("auto", "automatic", "automated", "machine", "stp", "straight-through", "straight_through")
_SEGMENTS: Final = 3
_LONGEST_NAME: Final = 200
_NICE_S: Final = (86_400, 3_600, 60, 1)


def write(evidence: Evidence) -> str:
    """The text of a flow file. It passes ``flowtrail flows check`` whatever names the events carry."""
    lines = [
        *_head(evidence),
        "",
        *_paths(guess_paths(evidence), declared=bool(evidence.declared_lead)),
        "",
        *_steps(guess_steps(evidence)),
        "",
        *_outcomes(evidence),
        *_dimensions(evidence),
        "",
        *_suggestions(evidence),
    ]
    return "\n".join(lines) + "\n"


def _head(evidence: Evidence) -> Iterator[str]:
    yield _comment(
        f"Written by flowtrail flows infer from {evidence.cases:,} cases; {len(evidence.sample):,} were read "
        f"event by event."
    )
    yield _comment(
        "It says what was observed, not what should be. Correct it and keep it in the directory FLOWTRAIL_FLOWS."
    )
    yield f"flow: {_scalar(evidence.flow)}"
    if evidence.versions:
        yield f"version: {_scalar(evidence.versions[-1])}" + _because(
            f"versions seen: {', '.join(evidence.versions)}" if evidence.versions[1:] else "the only one seen"
        )
    yield "# owner: {name: Order desk, contact: orders@example.com}"


def _paths(paths: Paths, *, declared: bool) -> Iterator[str]:
    yield f"lead: {_scalar(paths.lead)}" + _because(paths.lead_reason)
    chains = paths.chains()
    if not chains:
        yield "paths: []" + _because("no event carries another id")
    else:
        yield "paths:"
    for chain in chains:
        shown = (f"{source} > {target} on {paths.edges[source, target]:,} events" for source, target in pairwise(chain))
        yield f"  - {_scalar(' > '.join(chain))}" + _because(", ".join(shown))
    if not declared and any(source != paths.lead for source, _ in paths.edges):
        yield _comment("Cases will reach more events along these paths. Infer again once they do, to see their steps.")
    for name in paths.unusable:
        yield _comment(f"The id type {name!r} is left out: use letters, digits, _ and - in flow.ref.<type>.")


def _steps(steps: list[StepEvidence]) -> Iterator[str]:
    usable = [step for step in steps if _usable(step.name)]
    yield "steps:" if usable else "steps: {}"
    for step in usable:
        fields = [f"kind: {step.kind}"] if step.kind != "task" else []
        fields += ["optional: true"] if step.optional else []
        if step.kind == "approval":
            fields += [f"timeout: {duration_text(step.timeout_s)}"] if step.timeout_s else []
            fields += [f"escalate_to: {_scalar(step.escalate_to)}"] if _usable(step.escalate_to) else []
        yield f"  {_scalar(step.name)}: {{{', '.join(fields)}}}" + _because(_of_step(step))
        if step.may_loop:
            again = (
                f"repeated for the same object in {step.repeats:,} of {step.cases:,} cases; add it if that is intended"
            )
            yield "    # loop: true" + _because(again)
    for step in steps:
        if step not in usable:
            yield _comment(f"A step whose name is {len(step.name):,} characters long is left out: {step.name[:60]!r} …")


def _of_step(step: StepEvidence) -> str:
    parts = [f"{step.cases:,} of {step.of:,} cases"]
    if len(step.kinds) > 1:
        parts.append(f"kinds: {_counted(step.kinds.items())}")
    if step.people:
        parts.append(f"people: {_counted(step.people.items())}")
    if step.outcomes:
        parts.append(f"outcomes: {_counted(step.outcomes.items())}")
    return "; ".join(parts)


def _outcomes(evidence: Evidence) -> Iterator[str]:
    outcomes = {name: count for name, count in evidence.outcomes.items() if _usable(name)}
    if not outcomes:
        yield _comment(
            f"outcomes: {{{SUCCESS}: success}}  # no case has ended; add to the step that ends one: ends: {SUCCESS}"
        )
        return
    meanings = {name: "failure" if _FAILURES.search(name) else "success" for name in outcomes}
    if "success" not in meanings.values():
        # A file needs a success. None was observed, so it is an outcome that no case has had yet.
        meanings.setdefault(SUCCESS, "success")
    yield "outcomes:" + _because("success or failure is guessed from the name")
    for name, meaning in meanings.items():
        yield f"  {_scalar(name)}: {meaning}" + _because(f"{outcomes.get(name, 0):,} cases")


def _dimensions(evidence: Evidence) -> Iterator[str]:
    usable = [dimension for dimension in evidence.dimensions if _usable(dimension.name)]
    if not usable:
        return
    yield "dimensions:"
    for dimension in usable:
        reason = f"{dimension.cases:,} cases, about {dimension.values:,} values"
        yield f"  - {_scalar(dimension.name)}" + _because(reason)
    if names := _segments(usable, evidence.cases):
        yield f"segments: [{', '.join(map(_scalar, names))}]" + _because("few values, on most cases")
    for dimension in usable:
        yield from _routing(dimension)


def _segments(dimensions: list[Dimension], cases: int) -> list[str]:
    """The dimensions that are most useful to group by: on at least half of the cases, and all values are known."""
    useful = [
        dimension
        for dimension in dimensions
        if 1 < dimension.values <= len(dimension.some) and 2 * dimension.cases >= cases
    ]
    useful.sort(key=lambda dimension: (-dimension.cases, dimension.values, dimension.name))
    return [dimension.name for dimension in useful[:_SEGMENTS]]


def _routing(dimension: Dimension) -> Iterator[str]:
    automated = [value for value in dimension.some if value.lower() in _AUTOMATED]
    manual = [value for value in dimension.some if value.lower() in _MANUAL]
    if automated and manual:
        yield _comment(
            f"routing: {{dimension: {_scalar(dimension.name)}, automated: [{', '.join(map(_scalar, automated))}], "
            f"manual: [{', '.join(map(_scalar, manual))}]}}"
        )


def _suggestions(evidence: Evidence) -> Iterator[str]:
    times = sorted(case.seconds for case in evidence.sample if case.ended)
    if times:
        within = times[min(len(times) - 1, int(0.9 * len(times)))]
        size = next(size for size in _NICE_S if within >= size or size == 1)
        nice = max(1, -(-within // size)) * size
        yield f"# sla: {duration_text(nice)}" + _because(
            f"the 90th percentile of the {len(times):,} ended cases, rounded up"
        )
    yield "# touchless_target: 0.8"
    yield '# calendar: {time_zone: Europe/Berlin, week: iso, business_hours: {mon-fri: "09:00-17:00"}}'


def _counted(counts: Iterable[tuple[str, int]]) -> str:
    most = sorted(counts, key=lambda name_and_count: (-name_and_count[1], name_and_count[0]))
    shown = ", ".join(f"{name} {count:,}" for name, count in most[:6])
    return f"{shown} and {len(most) - 6} more" if most[6:] else shown


def _usable(name: str) -> bool:
    return bool(name.strip()) and len(name) <= _LONGEST_NAME


def _because(reason: str) -> str:
    return f"  {_comment(reason)}"


def _comment(text: str) -> str:
    """A comment line. A name from an event must not end the line, whatever characters it has."""
    return "# " + "".join(char if char.isprintable() else "?" for char in text)


def _scalar(text: str) -> str:
    """``text`` in YAML on one line, in quotes if it needs them."""
    plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_ >./-]*", text) and text == text.strip()
    if plain and yaml.safe_load(text) == text:
        return text
    quoted: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=1_000_000)
    return quoted.strip()
