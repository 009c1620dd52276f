"""What one record says, by its mapping: its activity, its times, and the words of the wire that follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from flowtrail import conventions as words

from importing.errors import Unreadable
from importing.mapping.patterns import any_of, first_of
from importing.mapping.selectors import Selectors
from importing.mapping.times import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importing.events.event import Value
    from importing.mapping.mapping import Mapping
    from importing.record import Record

NUMBERS: Final = {
    words.ATTEMPT: int,
    words.COST_AMOUNT: float,
    words.VALUE_AMOUNT: float,
    "flow.approval.timeout_s": float,
}
_OWN: Final = ("flow.", "source.", "ocel.qualifier.", words.ERROR_TYPE)
STATUS: Final = "otel.status_code"
STATUS_TEXT: Final = "otel.status_description"
"""How OpenTelemetry writes a span's status where there is no place for one; our exports do."""

_DECISIONS: Final = {"approve": "approved", "reject": "rejected"}
_DECISION: Final = f"{words.APPROVAL_PREFIX}decision"
_DECIDED_BY: Final = f"{words.APPROVAL_PREFIX}decided_by"
_NO_NUMBER: Final = "The event goes without it. A decimal comma is said with csv: {decimal: ','} in a mapping."
_NEVER_KEPT: Final = frozenset(
    {"event_id", "ocel:eid", "ocel:activity", "ocel:timestamp", "ocel.lead", words.SERVICE_NAME, STATUS, STATUS_TEXT}
)


@dataclass(slots=True)
class MappedRecord:
    """What a record says. ``start``: where the record itself has both times, else ``end``. ``open``: it has no end."""

    record: Record
    activity: str
    start: int
    end: int
    attributes: dict[str, Value]
    failed: bool = False
    message: str = ""
    open: bool = False


class RecordMapper:
    """Reads records as a complete mapping says."""

    def __init__(self, mapping: Mapping, complain: Callable[[Unreadable], None]) -> None:
        self._mapping = mapping
        self._complain = complain
        select = Selectors(mapping.nulls)
        self._activity = select.one(mapping.activity)
        self._time, self._begin = mapping.timestamp, mapping.start
        self._end_of, self._start_of = select.one(mapping.timestamp), select.one(mapping.start)
        self._read_time = reader(mapping.times)
        texts = {
            words.FLOW_NAME: mapping.flow,
            words.CASE_ID: mapping.case,
            words.ACTOR_ID: mapping.resource,
            words.IDEMPOTENCY_KEY: mapping.idempotency_key,
            words.ATTEMPT: mapping.attempt,
            words.ERROR_CLASS: mapping.errors.error_class,
            words.ERROR_TYPE: mapping.errors.type,
            **{words.DIM_PREFIX + name: source for name, source in mapping.dimensions.items()},
        }
        self._texts = [(word, select.one(source)) for word, source in texts.items() if source is not None]
        self._refs = [(words.REF_PREFIX + kind, select.many(source)) for kind, source in mapping.refs.items()]
        self._money = [
            (amount, currency, money, select.one(money.amount), select.one(money.currency))
            for amount, currency, money in (
                (words.VALUE_AMOUNT, words.VALUE_CURRENCY, mapping.value),
                (words.COST_AMOUNT, words.COST_CURRENCY, mapping.cost),
            )
            if money is not None
        ]
        self._by_activity = [
            (words.STEP_KIND, first_of(mapping.kinds.items())),
            (words.ACTION, first_of((mapping.actions or {}).items())),
            (words.ERROR_CLASS, first_of(mapping.errors.classes.items())),
            (words.OUTCOME, first_of(mapping.outcomes.events.items())),
        ]
        self._actor_type = _actor_types(mapping, select)
        self._links = [
            (f"flow.link.{link.source_type}.{link.target_type}", select.many(link.source), select.many(link.target))
            for link in mapping.links
        ]
        self._message = select.one(mapping.errors.message)
        self._known = select.known
        self._keep = _kept(mapping)

    def read(self, record: Record) -> MappedRecord:
        """What ``record`` says. Raises Unreadable where it cannot be an event; odd details are complained of."""
        activity = self._activity(record)
        if not activity:
            raise _missing(record, self._mapping.activity, "activity")
        has_start = bool(self._begin and self._start_of(record))
        is_open = has_start and not self._end_of(record)
        start = self._time_of(record, self._start_of, "start") if has_start else 0
        end = start if is_open else self._time_of(record, self._end_of, "timestamp")
        start = start if has_start else end
        if start > end:
            raise Unreadable(
                record.place, "start", "it begins after it ends.", "Mend the times, or the mapping of start."
            )
        found = self._words(record, activity)
        failed = record.values.get(STATUS) == "ERROR" or words.ERROR_CLASS in found or words.ERROR_TYPE in found
        message = str(record.values.get(STATUS_TEXT) or "") or self._message(record)
        return MappedRecord(record, activity, start, end, found, failed, message if failed else "", is_open)

    def _words(self, record: Record, activity: str) -> dict[str, Value]:
        found: dict[str, Value] = self._own_words(record)
        found[words.STEP] = self._mapping.steps.get(activity, activity)
        texts = ((word, one(record)) for word, one in self._texts)
        chosen = ((word, choose(activity)) for word, choose in self._by_activity)
        found.update((word, value) for word, value in chain(texts, chosen) if value)
        found.update((word, ids) for word, many in self._refs if (ids := many(record)))
        for word, sources, targets in self._links:
            if pairs := [one for source in sources(record) for target in targets(record) for one in (source, target)]:
                found[word] = pairs
        if words.ACTOR_TYPE not in found:
            kind = self._actor_type(record, str(found.get(words.ACTOR_ID, "")))
            if kind != "unknown":  # which is what an absent type means
                found[words.ACTOR_TYPE] = kind
        self._decide(found)
        self._count(record, found)
        return found

    @staticmethod
    def _decide(found: dict[str, Value]) -> None:
        """An approval that a log tells of is the decision itself: what was decided is its action, and by its actor."""
        decision = _DECISIONS.get(str(found.get(words.ACTION, "")))
        if decision and found.get(words.STEP_KIND) == "approval":
            found.setdefault(_DECISION, decision)
            if words.ACTOR_ID in found:
                found.setdefault(_DECIDED_BY, found[words.ACTOR_ID])

    def _own_words(self, record: Record) -> dict[str, Value]:
        """Attributes that are words on the wire speak for themselves; others are kept as they are."""
        found: dict[str, Value] = {}
        for name, raw in record.values.items():
            if name.startswith(_OWN):
                if isinstance(raw, list):
                    found[name] = [str(one) for one in raw]
                elif value := self._known(raw):
                    found[name] = value
            elif (
                self._keep is not None and name not in _NEVER_KEPT and self._keep(name) and (value := self._known(raw))
            ):
                found["source." + name] = value
        return found

    def _count(self, record: Record, found: dict[str, Value]) -> None:
        """Amounts and counts become numbers; what is none is complained of and left out."""
        for amount, _, money, how_much, _ in self._money:
            raw = _raw(record, money.amount)
            if isinstance(raw, (int, float)):
                found[amount] = float(raw)
            elif value := how_much(record):
                found[amount] = _plain_number(value, self._mapping)
        for word, kind in NUMBERS.items():
            raw = found.get(word)
            if raw is None or isinstance(raw, kind):
                continue
            try:
                found[word] = kind(str(raw))
            except ValueError:
                del found[word]
                self._complain(Unreadable(record.place, word, f"{str(raw)[:60]!r} is not a number.", _NO_NUMBER))
        for amount, currency, money, _, which in self._money:
            number = found.get(amount)
            if isinstance(number, float):
                found[amount] = number * money.factor
                if name := which(record):
                    found[currency] = name

    def _time_of(self, record: Record, raw: Callable[[Record], Any], field: str) -> int:
        source = self._time if field == "timestamp" else self._begin
        value = _raw(record, source) or raw(record)
        if not value:
            raise _missing(record, source, field)
        try:
            return self._read_time(value)
        except (ValueError, OverflowError) as error:
            raise Unreadable(
                record.place,
                _named(source, field),
                f"{error}.",
                "Say how times are written: times.format in a mapping.",
            ) from None


def _raw(record: Record, source: Any) -> Any:
    """A value that is a time already, as Parquet has it, need not become text first."""
    if source is not None and len(source.attribute) == 1 and not (source.match or source.map):
        value = record.get(source.attribute[0])
        return None if isinstance(value, str) else value
    return None


def _plain_number(value: str, mapping: Mapping) -> str:
    """A number as Python reads it: 1.234,50 in a file with decimal commas is 1234.50."""
    if mapping.csv.decimal == ",":
        return value.replace(".", "").replace(",", ".")
    return re.sub(r"(?<=\d),(?=\d{3}\b)", "", value)


def _missing(record: Record, source: Any, field: str) -> Unreadable:
    return Unreadable(
        record.place,
        _named(source, field),
        "there is no value.",
        f"Say in a mapping where it stands: {field}: <attribute>.",
    )


def _named(source: Any, field: str) -> str:
    return " or ".join(source.attribute) if source is not None and source.attribute else field


def _kept(mapping: Mapping) -> Callable[[str], bool] | None:
    if mapping.keep == "none":
        return None
    wanted = any_of(("*",) if mapping.keep == "all" else mapping.keep)
    used = frozenset(_used(mapping))
    return lambda name: name not in used and wanted(name)


def _used(mapping: Mapping) -> Iterator[str]:
    """Attributes that became something else and need not be kept beside it."""
    money = (mapping.value, mapping.cost)
    amounts = [source for one in money if one for source in (one.amount, one.currency)]
    single = (mapping.case, mapping.activity, mapping.timestamp, mapping.start, mapping.resource)
    for source in (*single, *amounts, *mapping.dimensions.values()):
        if source is not None and not (source.match or source.map):
            yield from source.attribute


def _actor_types(mapping: Mapping, select: Selectors) -> Callable[[Record, str], str]:
    actor = mapping.actor
    if actor is None:
        return lambda _record, _resource: "unknown"
    stated = select.one(actor.type)
    rules = [(any_of(rule.match), select.one(rule.of) if rule.of else None, rule.type) for rule in actor.rules]

    def choose(record: Record, resource: str) -> str:
        if value := stated(record):
            return value
        for fits, of, kind in rules:
            if fits(of(record) if of else resource):
                return kind
        return actor.otherwise

    return choose
