"""What the names of attributes tell when no mapping says it, and what is taken as a default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from importing.mapping.mapping import ActorPart, ActorRule, Mapping, MoneyPart, ValueSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "case": (
        "flow_case_id", "case_concept_name", "case_id", "caseid", "case", "case_key", "case_number", "case_no", "trace",
        "process_instance_id", "process_id", "order_id", "order_number", "order_no", "order", "claim_id",
        "claim_number", "ticket_id", "ticket_number", "incident_id", "incident_number", "invoice_id", "invoice_number",
        "request_id", "application_id",
    ),
    "activity": (
        "flow_step", "concept_name", "activity", "activity_name", "activityname", "ocel_activity", "step", "step_name",
        "event_name", "event_type", "task", "task_name", "event", "operation", "action", "status",
    ),
    "timestamp": (
        "ocel_timestamp", "end", "end_time", "end_timestamp", "endtime", "complete_timestamp", "complete_time",
        "completed_at", "completion_time", "finished_at", "time_timestamp", "timestamp", "event_time",
        "event_timestamp", "eventtime", "time", "datetime", "date_time", "date", "occurred_at", "created_at", "start",
        "start_timestamp", "start_time",
    ),
    "start": ("start", "start_timestamp", "start_time", "starttime", "started", "started_at", "begin", "begin_time"),
    "resource": (
        "flow_actor_id", "org_resource", "resource", "resource_name", "user", "user_name", "username", "user_id",
        "actor", "performer", "performed_by", "handled_by", "employee", "agent", "owner", "assignee",
    ),
    "flow": ("flow_name",),
    "system": ("service_name", "system", "system_name", "source_system", "application"),
}  # fmt: skip

_DIMENSIONS: Final = (
    "channel", "segment", "region", "country", "product", "product_type", "business_unit", "department", "route",
    "category", "priority",
)  # fmt: skip
_AMOUNTS: Final = ("amount", "case_amount", "value", "order_value", "total_amount", "case_value", "net_value")
_CURRENCIES: Final = ("currency", "case_currency", "currency_code")

_ACTIONS: Final[dict[str, tuple[str, ...]]] = {
    "reject": (r"/(?i)\b(reject|declin|den(y|ied)|refus)/",),
    "approve": (r"/(?i)approv|\bauthori[sz]e/",),
    "submit": (r"/(?i)\bsubmi(t|ss)/",),
    "edit": (r"/(?i)\b(edit|chang|updat|correct|amend|modif)/",),
    "resend": (r"/(?i)\bre-?(send|sent|submit)/",),
    "release": (r"/(?i)\breleas/",),
    "create": (r"/(?i)\b(creat|register|enter)/",),
}
_MACHINES: Final = r"/(?i)^(system|batch|robot|bot|rpa|automat\w*|scheduler|cron|service|user_batch)([ _\-].*|\d*)$/"
_OCEL_KINDS: Final = frozenset({"ocel-json", "ocel-xml", "ocel-sqlite", "ocel1-json"})


@dataclass(frozen=True, slots=True)
class CompletedMapping:
    """A mapping that says everything that is needed, and what of it was guessed: one sentence each."""

    mapping: Mapping
    sentences: tuple[str, ...]


def complete_mapping(mapping: Mapping, names: Sequence[str], kind: str, stem: str) -> CompletedMapping:
    """Fill in what ``mapping`` leaves open for a log whose records have attributes ``names``.

    ``kind``: the format. ``stem``: the name of the file without its endings.
    """
    filled = _Completion(mapping, {_plain(name): name for name in reversed(names)})
    filled.attributes(("activity", "timestamp", "start", "resource"))
    if not mapping.no_case and kind not in _OCEL_KINDS:
        filled.attributes(("case",))
    filled.named("flow", stem)
    filled.named("system", stem)
    if "flow_step" in filled.known:  # the words on the wire themselves, as our exports have them: nothing to guess
        return CompletedMapping(mapping.model_copy(update=filled.changes), tuple(filled.sentences))
    filled.settle("value", _money(filled.known, _AMOUNTS, _CURRENCIES), "the attribute that looks like it")
    filled.settle("cost", _money(filled.known, ("cost_total",), ("cost_currency",)), "XES's attribute cost:total")
    filled.settle("actions", _ACTIONS, "by words such as reject, approve, submit in the activity")
    rules = (ActorRule(match=(_MACHINES,), type="service"),)
    what = "service where the resource is called system, batch, robot …; else unknown"
    filled.settle("actor", ActorPart(rules=rules), what)
    filled.dimensions(names)
    return CompletedMapping(mapping.model_copy(update=filled.changes), tuple(filled.sentences))


class _Completion:
    """What is filled in. ``known``: names without their spelling → names as the log has them."""

    def __init__(self, mapping: Mapping, known: dict[str, str]) -> None:
        self.known = known
        self.changes: dict[str, Any] = {}
        self.sentences: list[str] = []
        self._mapping = mapping

    def settle(self, field: str, value: Any, what: str) -> None:
        """``value``, if the mapping does not say it and there is one."""
        if getattr(self._mapping, field) is None and value is not None:
            self.changes[field] = value
            self.sentences.append(f"{field}: {what}")

    def attributes(self, fields: Iterable[str]) -> None:
        """The first attribute whose name says that it is one of ``fields``."""
        for field in fields:
            name = self._first(_NAMES[field])
            if name and not (field == "start" and self._is_end(name)):
                self.settle(field, ValueSource(attribute=(name,)), f"attribute {name}")

    def named(self, field: str, stem: str) -> None:
        """An attribute that says it, else the name of the file."""
        if name := self._first(_NAMES[field]):
            self.settle(field, ValueSource(attribute=(name,)), f"attribute {name}")
        else:
            self.settle(field, ValueSource(value=stem), f"{stem!r}, the name of the file")

    def dimensions(self, names: Iterable[str]) -> None:
        """Columns that are called like usual dimensions."""
        found = {_plain(name): ValueSource(attribute=(name,)) for name in names if _plain(name) in _DIMENSIONS}
        if found and not self._mapping.dimensions:
            self.changes["dimensions"] = found
            self.sentences.append(f"dimensions: {', '.join(found)}")

    def _first(self, names: Iterable[str]) -> str:
        return _first(self.known, names)

    def _is_end(self, name: str) -> bool:
        """One time alone is not the start of anything."""
        timestamp = self._mapping.timestamp or self.changes.get("timestamp")
        return timestamp is None or timestamp.attribute == (name,)


def attribute_names(records: Iterable[Any]) -> list[str]:
    """The attributes that some records have, in order."""
    names: dict[str, None] = {}
    for record in records:
        names.update(dict.fromkeys(record.values))
        names.update(dict.fromkeys(record.shared))
    return list(names)


def _plain(name: str) -> str:
    """``Case ID``, ``case:id`` and ``CASE_ID`` are one name."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _first(known: dict[str, str], names: Iterable[str]) -> str:
    return next((known[name] for name in names if name in known), "")


def _money(known: dict[str, str], amounts: Iterable[str], currencies: Iterable[str]) -> MoneyPart | None:
    amount, currency = _first(known, amounts), _first(known, currencies)
    if not amount:
        return None
    return MoneyPart(
        amount=ValueSource(attribute=(amount,)), currency=ValueSource(attribute=(currency,)) if currency else None
    )
