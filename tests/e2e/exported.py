"""The cases of a flow told by the events that the API exports, in pandas: nothing is taken from the table of cases."""

import csv
import io
import json
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import yaml

from cases.recompute.chains import stories
from cases.recompute.declared import FlowRules, Rules, StepRules
from cases.recompute.events import events_of
from cases.recompute.facts import facts_of
from cases.recompute.graph import Case, Graph
from cases.recompute.neighbourhood import Neighbourhood

WIDE = {"from": "2000-01-01", "to": "2099-01-01", "interval": "none"}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def exported_cases(flowtrail, flow, declaration):
    """What each case comes to, by the columns of ``cases``: times in nanoseconds, money in millionths.

    ``declaration`` is the flow's file.
    """
    text = flowtrail.text(f"/flows/{flow}/export", format="csv", **WIDE)
    cases, lines = defaultdict(list), {}
    for line in csv.DictReader(io.StringIO(text)):
        cases[line["event_id"]].append(Case("", flow, line["case_id"]))
        lines[line["event_id"]] = line
    rows = [_step(line, flow, cases[event]) for event, line in lines.items()]
    rules = Rules({("", flow): declared(yaml.safe_load(declaration.read_text(encoding="utf-8")))})
    keys = {key for sharers in cases.values() for key in sharers}
    sharers = {("", *event.split("-")): sorted(found) for event, found in cases.items()}
    around = Neighbourhood(Graph(rules), {key: set() for key in keys}, rows, sharers)
    events = events_of(around, keys, rules)
    facts = facts_of(events, rules)
    for fact, story in zip(facts, stories(events.table, [fact["End"] for fact in facts]), strict=True):
        fact |= {
            "Repeats": story.repeats,
            "Exceptions": story.exceptions,
            "Approvals": story.approvals,
            "Duplicates": story.duplicates,
        }
    return {key.case_id: fact for key, fact in zip(events.cases, facts, strict=True)}


def declared(document):
    """What a flow file says that figures depend on."""
    return FlowRules(
        lead=document["lead"],
        sla_s=seconds(document["sla"]),
        successes=frozenset(name for name, kind in document["outcomes"].items() if kind == "success"),
        steps={name: _declared_step(step) for name, step in document["steps"].items()},
    )


def _declared_step(step):
    price = step.get("price", {})
    return StepRules(
        loop=step.get("loop", False),
        touches=frozenset(step["touches"]) if "touches" in step else None,
        price_micros=int(Fraction(price.get("per_attempt", 0)) * 10**6),
        price_nanos_per_s=int(Fraction(price.get("per_second", 0)) * 10**9),
        currency=price.get("currency", ""),
        timeout_s=seconds(step.get("timeout", "0s")),
        escalate_to=step.get("escalate_to", ""),
        ends=step.get("ends", ""),
    )


def seconds(text):
    """Seconds of a plain duration such as 5d."""
    return int(text[:-1]) * _SECONDS[text[-1]]


def _step(row, flow, cases):
    """A line of the export as a step of the store."""
    trace, span = row["event_id"].split("-")
    start = pd.Timestamp(row["start"]).value
    started = row["flow.step.state"] == "started"
    refs = sorted(
        {
            (name.removeprefix("flow.ref."), one)
            for name in row
            if name.startswith("flow.ref.")
            for one in _each(row[name])
        }
    )
    dims = {name.removeprefix("flow.dim."): row[name] for name in row if name.startswith("flow.dim.") and row[name]}
    return {
        "Tenant": "", "Flow": flow, "CaseId": cases[0].case_id if len(cases) == 1 else "", "TraceId": trace,
        "SpanId": span, "ParentSpanId": span, "State": row["flow.step.state"], "FlowVersion": row["flow.version"],
        "System": row["service.name"], "Step": row["flow.step"], "Kind": row["flow.step.kind"] or "task",
        "Attempt": int(row["flow.attempt"] or 1), "IdempotencyKey": row["flow.idempotency_key"],
        "ActorType": row["flow.actor.type"], "ActorId": row["flow.actor.id"], "Action": row["flow.action"],
        "Outcome": row["flow.case.outcome"],
        "Failed": row["otel.status_code"] == "ERROR" or row["flow.error.class"] != "",
        "ErrorClass": row["flow.error.class"], "ErrorType": row["error.type"],
        "ErrorMessage": row["otel.status_description"], "Compensates": row["flow.compensates"],
        "StartNs": start, "EndNs": start if started else pd.Timestamp(row["end"]).value, "ReceivedNs": 0,
        "Cost": _money(row["flow.cost.amount"]), "CostCurrency": row["flow.cost.currency"],
        "Value": _money(row["flow.value.amount"]), "ValueCurrency": row["flow.value.currency"],
        "DimNames": list(dims), "DimValues": list(dims.values()),
        "RefTypes": [kind for kind, _ in refs], "RefValues": [value for _, value in refs],
        "ApprovalTimeoutS": _money(row.get("flow.approval.timeout_s", "")),
        "EscalateTo": row.get("flow.approval.escalate_to", ""), "OnTimeout": row.get("flow.approval.on_timeout", ""),
        "Decision": row.get("flow.approval.decision", ""), "DecidedBy": row.get("flow.approval.decided_by", ""),
    }  # fmt: skip


def _each(text):
    return json.loads(text) if text.startswith("[") else [text] if text else []


def _money(text):
    """Cut after six places."""
    return Decimal(int(Decimal(text) * 10**6)).scaleb(-6) if text else None
