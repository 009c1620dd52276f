"""What needs a look: exceptions, approvals, duplicate effects and the time limit of a case; each leads to its event."""

from collections.abc import Iterator, Mapping
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
    """Where events stand: the address of each by its id."""

    addresses: Mapping[str, str]

    def of(self, *ids: str | None) -> str:
        """The address of the first of these events that is listed; empty if none is."""
        return next((self.addresses[one] for one in ids if one and one in self.addresses), "")


def attention(case: Case, places: Places, zone: tzinfo) -> Any:
    """One line for each fact; nothing where there is none."""
    lines = [*_service_level(case, zone), *_exceptions(case, places, zone)]
    lines += [*_approvals(case, places, zone), *_duplicates(case, places, zone)]
    if not lines:
        return None
    return html.Section(
        [html.H2("To know"), html.Ul(lines, className="attention")],
        className="card",
        **{"aria-label": "Exceptions, approvals and time limit"},
    )


def _line(state: str, what: str, told: str, address: str = "") -> Any:
    """``state`` in a coloured word, ``what`` it is about, and the rest."""
    name = html.A(what, href=address) if address else html.Strong(what)
    return html.Li(
        [html.Span(state, className=f"state state-{TONES.get(state, 'done')}"), name, html.Span(told, className="told")]
    )


def _service_level(case: Case, zone: tzinfo) -> Iterator[Any]:
    if not case.get("due_at"):
        return
    state, due = case.get("sla") or "due", formats.instant(case["due_at"])
    until = formats.instant(case["end"] or case["as_of"])
    words = {
        "met": f"ended {formats.duration((due - until).total_seconds())} before its time limit",
        "breached": f"{formats.duration((until - due).total_seconds())} past its time limit"
        + ("" if case["end"] else ", still open"),
        "due": f"{formats.duration((due - until).total_seconds())} left",
    }[state]
    yield _line(state, "Service level", f"{words}; due {formats.moment(case['due_at'], zone, seconds=False)}")


def _exceptions(case: Case, places: Places, zone: tzinfo) -> Iterator[Any]:
    for one in case.get("exceptions") or []:
        told = [
            f"{one.get('class') or 'unclassified'} error {short(one.get('code') or 'without a code')}",
            f"at {one['system']}" if one.get("system") else "",
            formats.plural(one.get("attempts") or 1, "failed attempt"),
            f"since {formats.moment(one['opened_at'], zone, seconds=False)}",
            _closed(one, zone),
            f"{formats.money(one['value'])} at stake" if one.get("value") else "",
        ]
        event = places.of(*(one.get("events") or []))
        yield _line(one["state"], one.get("step") or "unnamed step", _joined(told), event)


def _closed(one: Fact, zone: tzinfo) -> str:
    if not one.get("closed_at"):
        return ""
    how = "recovered" if one["state"] == "recovered" else "closed by the end of the case"
    return f"{how} {formats.moment(one['closed_at'], zone, seconds=False)}"


def _approvals(case: Case, places: Places, zone: tzinfo) -> Iterator[Any]:
    for one in case.get("approvals") or []:
        state = str(one.get("state") or "pending").replace("_", " ")
        by = f" by {short(one['decided_by'])}" if one.get("decided_by") else ""
        told = [
            f"approval at {one['system']}" if one.get("system") else "approval",
            f"asked for {formats.moment(one.get('requested_at'), zone, seconds=False)}",
            f"due {formats.moment(one['due_at'], zone, seconds=False)}" if one.get("due_at") else "no time limit",
            f"{one.get('decision') or 'decided'}{by} {formats.moment(one['decided_at'], zone, seconds=False)}"
            if one.get("decided_at")
            else (f"goes to {one['escalate_to']}" if one.get("escalate_to") else ""),
        ]
        yield _line(state, one.get("step") or "unnamed step", _joined(told), places.of(one.get("event")))


def _duplicates(case: Case, places: Places, zone: tzinfo) -> Iterator[Any]:
    for one in case.get("duplicates") or []:
        told = [
            f"took effect {formats.count(one['effects'])} times under one idempotency key, {short(one['key'])}",
            f"last {formats.moment(one.get('last'), zone, seconds=False)}",
        ]
        yield _line(
            "duplicate", one.get("step") or "unnamed step", _joined(told), places.of(*(one.get("events") or []))
        )


def _joined(told: list[str]) -> str:
    return "; ".join(part for part in told if part)
