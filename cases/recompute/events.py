"""The events of each case as one table: which cases share them, what they weigh, which of equal spans counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd
from flowtrail.conventions import TOUCH_ACTIONS

from cases.recompute.graph import Case

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from cases.recompute.declared import FlowRules, Rules, StepRules
    from cases.recompute.neighbourhood import Neighbourhood
    from store.client import Row

MILLION: Final = 1_000_000
_USUAL_TOUCHES: Final = frozenset(TOUCH_ACTIONS)
_LONGEST_PATIENCE_MICROS: Final = 3_000_000_000_000_000
_MOMENT: Final = ["EndNs", "StartNs", "SpanNumber", "TraceNumber"]
"""Which of two events is the later one: by end, start, span id as a number, trace id."""


@dataclass(frozen=True, slots=True)
class Events:
    """``table`` has one row per event and case, ordered by moments within a case; ``Case`` is a place in ``cases``.

    Columns beside those of the steps: ``Span`` (the finished span that a started record announces), ``Done``,
    ``Shared``, ``Weight`` and ``CostMicros`` in millionths of this case's share, and what is declared of the step.
    """

    table: pd.DataFrame
    cases: tuple[Case, ...]


def events_of(around: Neighbourhood, cases: AbstractSet[Case], rules: Rules) -> Events:
    """The events of those of ``cases`` that have any."""
    ordered = tuple(sorted(cases & around.reach.keys()))
    rows = list(_attributed(around, {case: number for number, case in enumerate(ordered)}, rules))
    return Events(_once(rows) if rows else pd.DataFrame(), ordered)


def _once(rows: list[Row]) -> pd.DataFrame:
    """Of equal spans: finished before started, then what was received last, ended last, began last, then by span id."""
    table = pd.DataFrame(rows)
    texts = table.select_dtypes("str").columns
    table[texts] = table[texts].astype(object)  # faster where rows are read one by one
    table["DueNs"] = pd.Series([row["DueNs"] for row in rows], dtype=object)  # instants do not fit a float
    preferred = ["Done", "ReceivedNs", "EndNs", "StartNs", "SpanNumber"]
    table = table.sort_values(preferred, ascending=[True, True, True, True, False], kind="stable")
    table = table.drop_duplicates(["Case", "TraceId", "Span"], keep="last")
    return table.sort_values(["Case", *_MOMENT], kind="stable", ignore_index=True)


def _attributed(around: Neighbourhood, cases: Mapping[Case, int], rules: Rules) -> Iterator[Row]:
    for row in around.steps:
        flow = rules.of(row["Tenant"], row["Flow"])
        if row["CaseId"]:
            own = Case(row["Tenant"], row["Flow"], row["CaseId"])
            yield _event(row, flow, place=0, n=1) | {"Case": cases[own], "CaseFlow": own.flow}
            continue
        sharers = around.sharers.get((row["Tenant"], row["TraceId"], row["SpanId"]), [])
        for place, case in enumerate(sharers):
            if case in cases:
                event = _event(row, rules.of(case.tenant, case.flow), place=place, n=len(sharers))
                yield event | {"Case": cases[case], "CaseFlow": case.flow}


def _event(row: Row, flow: FlowRules, *, place: int, n: int) -> Row:
    step = flow.step(row["Step"])
    done = row["State"] != "started"
    failed = done and row["Failed"]
    klass = row["ErrorClass"] if row["ErrorClass"] in {"business", "infrastructure"} else "unclassified"
    cost, currency = _cost(row, step)
    touches = _USUAL_TOUCHES if step.touches is None else step.touches
    outcome = row["Outcome"] or step.ends
    return row | {
        "Span": row["SpanId"] if done else row["ParentSpanId"],
        "SpanNumber": int(row["SpanId"][-16:], 16),
        "TraceNumber": int(row["TraceId"][-16:], 16),
        "Refs": tuple(zip(row["RefTypes"], row["RefValues"], strict=True)),
        "Done": done,
        "Class": klass if failed else "",
        "Broken": failed,
        "Retry": done and row["Attempt"] > 1,
        "Touch": done and row["ActorType"] == "human" and row["Action"] in touches,
        "Ends": done and bool(row["Outcome"] or (step.ends and not row["Failed"])),
        "Outcome": outcome,
        "Shared": n > 1,
        "Weight": _share(MILLION, place, n),
        "CostMicros": _share(cost, place, n) if done else 0,
        "CostCurrency": currency,
        "Loop": step.loop,
        "DueNs": _due(row, step),
        "EscalateTo": row["EscalateTo"] or step.escalate_to,
    }


def _cost(row: Row, step: StepRules) -> tuple[int, str]:
    """Millionths, what lies beyond them cut, and the currency: as sent, or else as declared."""
    if row["Cost"] is not None:
        return int(row["Cost"].scaleb(6)), row["CostCurrency"]
    by_time = step.price_nanos_per_s * (row["EndNs"] - row["StartNs"])
    return step.price_micros + _cut(by_time, 10**12), step.currency or row["CostCurrency"]


def _cut(amount: int, size: int) -> int:
    return amount // size if amount >= 0 else -(-amount // size)


def _share(whole: int, place: int, n: int) -> int:
    """What the ``place``-th of ``n`` gets of ``whole``: the remainder goes to the first ones."""
    part = abs(whole) // n + (place < abs(whole) % n)
    return part if whole >= 0 else -part


def _due(row: Row, step: StepRules) -> int | None:
    """When an approval must be decided, in nanoseconds."""
    sent = int(row["ApprovalTimeoutS"].scaleb(6)) if row["ApprovalTimeoutS"] is not None else 0
    micros = sent if sent > 0 else step.timeout_s * MILLION
    if not 1 <= micros <= _LONGEST_PATIENCE_MICROS:
        return None
    return int(row["StartNs"]) + micros * 1000
