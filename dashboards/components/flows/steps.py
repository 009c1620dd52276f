"""The declared steps of a flow in the expected order, as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.wording import formats

Step = Mapping[str, Any]


def steps_table(steps: Sequence[Step]) -> Any:
    """One row per step. Columns in which nothing is declared are left out."""
    cells = {
        "Step": [html.Strong(step["step"]) for step in steps],
        "Kind": [step.get("kind") or "task" for step in steps],
        "Expected": [_expected(step) for step in steps],
        "Counts as a touch": [_touches(step.get("touches")) for step in steps],
        "Price": [price(step) for step in steps],
        "Timeout": [_timeout(step) for step in steps],
        "Ends the case as": [step.get("ends") or "" for step in steps],
    }
    shown = {"#": range(1, len(steps) + 1)} | {name: column for name, column in cells.items() if any(column)}
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(name, scope="col") for name in shown])),
                html.Tbody(
                    [html.Tr([html.Td(cell) for cell in row]) for row in zip(*shown.values(), strict=True)],
                ),
            ],
            className="table",
        ),
        className="scroll",
        tabIndex=0,
        role="group",
        **{"aria-label": "Steps"},
    )


def _expected(step: Step) -> str:
    if step.get("loop"):
        return "any number of times" if step.get("optional") else "at least once"
    return "at most once" if step.get("optional") else "once"


def _touches(touches: Sequence[str] | None) -> str:
    """Empty if the usual actions count."""
    return "" if touches is None else ", ".join(touches) or "nothing"


def price(step: Step) -> str:
    """``0.02 EUR per attempt + 0.0001 EUR per second``; empty if no price is declared."""
    parts = ((step.get("price_per_attempt"), "per attempt"), (step.get("price_per_second"), "per second"))
    charged = [(amount, per) for amount, per in parts if amount and float(amount)]
    return " + ".join(f"{formats.decimal(amount)} {step.get('currency') or ''} {per}" for amount, per in charged)


def _timeout(step: Step) -> str:
    if not step.get("timeout_s"):
        return ""
    to = step.get("escalate_to")
    return formats.duration(step["timeout_s"]) + (f", then escalates to {to}" if to else "")
