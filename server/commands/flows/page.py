"""A flow for people to read on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cases.flows.declarations.duration import duration_text
from server.commands.common import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def page(flow: Mapping[str, Any]) -> Iterator[str]:
    """The lines about a flow, from what ``GET /api/v1/flows/{flow}`` answers."""
    yield f"{flow['name']}: {plural(flow['cases'], 'case')}, {flow['in_flight']:,} in flight"
    if not flow["declared"]:
        command = f"flowtrail flows infer {flow['name']} --out flows/{flow['name']}.yaml"
        yield f"It is not declared. To infer a first file: {command}"
        return
    yield from _rules(flow)
    if flow["steps"]:
        yield ""
        yield "Steps, in the expected order:"
        width = max(len(step["step"]) for step in flow["steps"])
        for step in flow["steps"]:
            yield f"  {step['step']:{width}}  {', '.join(_of_step(step))}".rstrip()
    yield ""
    if flow["pending"]:
        yield "The cases do not follow this declaration yet: they are being rebuilt."
    if not flow["findings"]:
        yield "The cases agree with it." if flow["cases"] else "There is no case yet to compare it with."
        return
    yield "The cases differ from it:"
    for finding in flow["findings"]:
        yield f"  {finding['kind']}: {finding['text']}"


def _rules(flow: Mapping[str, Any]) -> Iterator[str]:
    owner = flow["owner"]
    rules = {
        "version": flow["version"],
        "owner": owner and " ".join(filter(None, (owner["name"], owner["contact"] and f"<{owner['contact']}>"))),
        "lead": flow["lead"],
        "paths": ", ".join(flow["paths"]),
        "hub limit": flow["hub_limit"],
        "outcomes": ", ".join(f"{name} ({meaning})" for name, meaning in flow["outcomes"].items()),
        "dimensions": ", ".join(flow["dimensions"]),
        "segments": ", ".join(flow["segments"]),
        "SLA": flow["sla_s"] and duration_text(flow["sla_s"]),
        "touchless": flow["touchless_target"] is not None and f"target {flow['touchless_target']:.0%}",
        "time zone": flow["calendar"] and flow["calendar"]["time_zone"],
    }
    for name, text in rules.items():
        if text:
            yield f"  {name:12}{text}"


def _of_step(step: Mapping[str, Any]) -> Iterator[str]:
    if step["kind"] != "task":
        yield step["kind"]
    for mark in ("optional", "loop"):
        if step[mark]:
            yield mark
    if step["touches"] is not None:
        yield f"touches: {' '.join(step['touches']) or 'none'}"
    if step["timeout_s"]:
        yield f"timeout {duration_text(step['timeout_s'])}"
    if step["escalate_to"]:
        yield f"escalates to {step['escalate_to']}"
    if step["currency"]:
        prices = ((step["price_per_attempt"], "an attempt"), (step["price_per_second"], "a second"))
        yield " and ".join(f"{price} {step['currency']} {per}" for price, per in prices if float(price))
    if step["ends"]:
        yield f"ends as {step['ends']}"
