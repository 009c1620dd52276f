"""What may need attention: the SLA, exceptions, approvals and duplicate effects of a case, with links to events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from dash import html

from dashboards.components.token import short
from dashboards.wording import formats

Case = Mapping[str, Any]
Fact = Mapping[str, Any]

TONES = {
    "open": "bad", "recovered": "good", "ended": "done", "pending": "open", "overdue": "bad", "decided": "good",
    "decided late": "warn", "duplicate": "bad", "breached": "bad", "due": "open", "met": "good",
}  # fmt: skip


@dataclass(frozen=True)
class Places:
    """The address of each listed event, by its id."""

    addresses: Mapping[str, str]

    def of(self, *ids: str | None) -> str:
        """The address of the first of these events that is listed; empty if none is."""
        return next((self.addresses[event] for event in ids if event and event in self.addresses), "")


@dataclass(frozen=True)
class Line:
    """One fact: its ``state`` as a coloured word, what it is about, details (empty ones are left out), a link."""

    state: str
    name: str
    details: Sequence[str]
    address: str = ""


def attention(case: Case, places: Places, zone: tzinfo) -> Any:
    """One line per fact; None if the case has none."""
    facts = [*_sla(case, zone), *_exceptions(case, places, zone)]
    facts += [*_approvals(case, places, zone), *_duplicates(case, places, zone)]
    if not facts:
        return None
    # A case in which everything was repaired or is in time has facts, but none that needs attention.
    urgent = any(TONES.get(fact.state) == "bad" for fact in facts)
    return html.Section(
        [
            html.H2("Needs attention" if urgent else "Exceptions, approvals, SLA"),
            html.Ul([_line(fact) for fact in facts], className="attention"),
        ],
        className="card",
        **{"aria-label": "Exceptions, approvals and SLA"},
    )


def _line(fact: Line) -> Any:
    name = html.A(fact.name, href=fact.address) if fact.address else html.Strong(fact.name)
    look = f"state state-{TONES.get(fact.state, 'done')}"
    details = "; ".join(part for part in fact.details if part)
    return html.Li([html.Span(fact.state, className=look), name, html.Span(details, className="details")])


def _sla(case: Case, zone: tzinfo) -> Iterator[Line]:
    if not case.get("due_at"):
        return
    state, due = case.get("sla") or "due", formats.instant(case["due_at"])
    until = formats.instant(case["end"] or case["as_of"])
    words = {
        "met": f"ended {formats.duration((due - until).total_seconds())} early",
        "breached": f"{formats.duration((until - due).total_seconds())} late" + ("" if case["end"] else ", in flight"),
        "due": f"{formats.duration((due - until).total_seconds())} left",
    }[state]
    yield Line(state, "SLA", [words, f"due {formats.moment(case['due_at'], zone, seconds=False)}"])


def _exceptions(case: Case, places: Places, zone: tzinfo) -> Iterator[Line]:
    for exception in case.get("exceptions") or []:
        details = [
            f"{exception.get('class') or 'unclassified'} error {short(exception.get('code') or 'without a code')}",
            f"at {exception['system']}" if exception.get("system") else "",
            formats.plural(exception.get("attempts") or 1, "failed attempt"),
            f"since {formats.moment(exception['opened_at'], zone, seconds=False)}",
            _closed(exception, zone),
            f"{formats.money(exception['value'])} at stake" if exception.get("value") else "",
        ]
        event = places.of(*(exception.get("events") or []))
        yield Line(exception["state"], exception.get("step") or "unnamed step", details, event)


def _closed(exception: Fact, zone: tzinfo) -> str:
    if not exception.get("closed_at"):
        return ""
    how = "recovered" if exception["state"] == "recovered" else "closed by the end of the case"
    return f"{how} {formats.moment(exception['closed_at'], zone, seconds=False)}"


def _approvals(case: Case, places: Places, zone: tzinfo) -> Iterator[Line]:
    for approval in case.get("approvals") or []:
        state = str(approval.get("state") or "pending").replace("_", " ")
        due = approval.get("due_at")
        details = [
            f"approval at {approval['system']}" if approval.get("system") else "approval",
            f"requested {formats.moment(approval.get('requested_at'), zone, seconds=False)}",
            f"due {formats.moment(due, zone, seconds=False)}" if due else "no due time",
            _decision(approval, zone),
        ]
        yield Line(state, approval.get("step") or "unnamed step", details, places.of(approval.get("event")))


def _decision(approval: Fact, zone: tzinfo) -> str:
    """The decision; while there is none, who gets the approval after its due time."""
    if not approval.get("decided_at"):
        return f"escalates to {approval['escalate_to']}" if approval.get("escalate_to") else ""
    by = f" by {short(approval['decided_by'])}" if approval.get("decided_by") else ""
    decided = formats.moment(approval["decided_at"], zone, seconds=False)
    return f"{approval.get('decision') or 'decided'}{by} {decided}"


def _duplicates(case: Case, places: Places, zone: tzinfo) -> Iterator[Line]:
    for duplicate in case.get("duplicates") or []:
        details = [
            f"{formats.count(duplicate['effects'])} successes under one idempotency key, {short(duplicate['key'])}",
            f"last {formats.moment(duplicate.get('last'), zone, seconds=False)}",
        ]
        event = places.of(*(duplicate.get("events") or []))
        yield Line("duplicate", duplicate.get("step") or "unnamed step", details, event)
