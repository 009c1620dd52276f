"""The declared steps of a flow and their state in one case, from left to right."""

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.components.trail.attention import Places
from dashboards.components.trail.step_progress import DONE, FAILED, MISSING, RUNNING, SKIPPED, TO_COME, StepProgress

WORDS = {
    DONE: "done",
    RUNNING: "in progress",
    FAILED: "failed",
    MISSING: "not seen",
    TO_COME: "to come",
}


def expected(steps: Sequence[StepProgress], places: Places) -> Any:
    """Each step that happened links to its last event. None if the flow declares no steps."""
    if not steps:
        return None
    done = sum(step.state == DONE for step in steps)
    remaining = sum(step.state in {RUNNING, TO_COME} and not step.optional for step in steps)
    left_out = [step.step for step in steps if step.state == SKIPPED]
    return html.Section(
        [
            html.Header(
                [
                    html.H2("Expected steps"),
                    html.P(
                        f"{done} done" + (f", {remaining} in progress or to come" if remaining else ""),
                        className="note",
                    ),
                ]
            ),
            html.Ol([_step(step, places) for step in steps if step.state != SKIPPED], className="expected"),
            html.P(f"Optional and left out: {', '.join(left_out)}.", className="note") if left_out else None,
        ],
        className="card",
    )


def _step(step: StepProgress, places: Places) -> Any:
    words = WORDS[step.state] + (f", {step.times} times" if step.times > 1 else "")
    if step.state == TO_COME and step.optional:
        words = "optional"
    address = places.of(step.event)
    name = html.A(step.step, href=address) if address else step.step
    return html.Li(
        [html.Span(name), html.Span(words, className="note")],
        className=f"expected-step expected-{step.state.replace(' ', '-')}",
    )
