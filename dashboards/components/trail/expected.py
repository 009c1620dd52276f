"""The declared steps of a flow on a trail, as a chain that one reads from left to right."""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.trail.attention import Places
from dashboards.components.trail.step_progress import DONE, FAILED, MISSING, RUNNING, SKIPPED, TO_COME, StepProgress

WORDS = {
    DONE: "done",
    RUNNING: "running",
    FAILED: "failed",
    MISSING: "not seen",
    TO_COME: "to come",
}


def expected(steps: Sequence[StepProgress], places: Places) -> Any:
    """Each step that happened leads to its last event. Nothing where no steps are declared."""
    if not steps:
        return None
    done = sum(step.state == DONE for step in steps)
    still = sum(step.state in {RUNNING, TO_COME} and not step.optional for step in steps)
    left_out = [step.step for step in steps if step.state == SKIPPED]
    return html.Section(
        [
            html.Header(
                [
                    html.H2("Expected steps"),
                    html.P(f"{done} done" + (f", {still} to come or running" if still else ""), className="note"),
                ]
            ),
            html.Ol([_step(step, places) for step in steps if step.state != SKIPPED], className="expected"),
            html.P(f"Left out, which is fine: {', '.join(left_out)}.", className="note") if left_out else None,
        ],
        className="card",
    )


def _step(step: StepProgress, places: Places) -> Any:
    words = WORDS[step.state] + (f", {step.times} times" if step.times > 1 else "")
    if step.state == TO_COME and step.optional:
        words = "perhaps to come"
    address = places.of(step.event)
    name = html.A(step.step, href=address) if address else step.step
    return html.Li(
        [html.Span(name), html.Span(words, className="note")],
        className=f"expected-step expected-{step.state.replace(' ', '-')}",
    )
