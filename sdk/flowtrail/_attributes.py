"""The details of a step, each turned into the attributes of ``conventions``: the one place where both meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypedDict

from . import conventions as c
from ._checks import MAX_IDS_PER_TYPE, AttributeValue, Checks

Attributes = dict[str, AttributeValue]
Money = tuple[float | int | Decimal, str]
"""Amount and ISO 4217 currency, such as ``(12.5, "EUR")``."""
Actor = str | tuple[str, str]
"""Type, or type and id, such as ``("human", "dana")``."""
Ids = str | int | Sequence[str] | Sequence[int]
Refs = Mapping[str, Ids]
Classify = Callable[[BaseException], "str | tuple[str, str] | None"]
"""From an exception to ``"business"`` or ``"infrastructure"``, or that and an error code; ``None``: the usual rule."""

APPROVAL_TEXTS: Final = ("escalate_to", "on_timeout", "decision", "decided_by")
APPROVAL_KEYS: Final = ("timeout_s", *APPROVAL_TEXTS)


class StepDetails(TypedDict, total=False):
    """What may be said of a step when it begins; ``docs/sdk.md`` explains each."""

    kind: c.StepKind | None
    action: str | None
    actor: Actor | None
    refs: Refs | None
    refs_only: bool | Sequence[str] | None
    attempt: int | None
    idempotency_key: str | None
    cost: Money | None
    value: Money | None
    dims: Mapping[str, str] | None
    outcome: str | None
    compensates: str | None
    approval: Mapping[str, Any] | None
    reads: Sequence[str] | None
    writes: Sequence[str] | None
    started: bool | None
    classify: Classify | None


def set_kind(checks: Checks, attributes: Attributes, value: object) -> None:
    kind = checks.choice("step kind", value, c.STEP_KINDS)
    if kind:
        attributes[c.STEP_KIND] = kind


def set_action(checks: Checks, attributes: Attributes, value: object) -> None:
    text = checks.text("action", value)
    if text:
        attributes[c.ACTION] = text


def set_actor(checks: Checks, attributes: Attributes, value: object) -> None:
    actor = checks.actor(value, c.ACTOR_TYPES)
    if actor is None:
        return
    attributes[c.ACTOR_TYPE], ident = actor
    # The id belongs to the type: the default service's name must not stay beside a human without one.
    attributes.pop(c.ACTOR_ID, None)
    if ident:
        attributes[c.ACTOR_ID] = ident


def set_attempt(checks: Checks, attributes: Attributes, value: object) -> None:
    number = checks.count("attempt", value)
    if number:
        attributes[c.ATTEMPT] = number


def set_idempotency_key(checks: Checks, attributes: Attributes, value: object) -> None:
    key = checks.identifier("idempotency key", value)
    if key:
        attributes[c.IDEMPOTENCY_KEY] = key


def set_cost(checks: Checks, attributes: Attributes, value: object) -> None:
    money = checks.money("cost", value)
    if money:
        attributes[c.COST_AMOUNT], attributes[c.COST_CURRENCY] = money


def set_value(checks: Checks, attributes: Attributes, value: object) -> None:
    money = checks.money("value", value)
    if money:
        attributes[c.VALUE_AMOUNT], attributes[c.VALUE_CURRENCY] = money


def set_dims(checks: Checks, attributes: Attributes, value: object) -> None:
    for name, text in checks.dims(value).items():
        attributes[c.DIM_PREFIX + name] = text


def set_outcome(checks: Checks, attributes: Attributes, value: object) -> None:
    text = checks.text("outcome", value)
    if text:
        attributes[c.OUTCOME] = text


def set_compensates(checks: Checks, attributes: Attributes, value: object) -> None:
    text = checks.text("compensated step", value)
    if text:
        attributes[c.COMPENSATES] = text
        if attributes.get(c.STEP_KIND) == "task":
            attributes[c.STEP_KIND] = "compensation"


def set_refs(checks: Checks, attributes: Attributes, value: object) -> None:
    """Ids given to a step stand for their type: a step on item A-1 of a case with ten items concerns A-1 only."""
    for kind, ids in checks.refs(value).items():
        attributes[c.REF_PREFIX + kind] = ids if len(ids) > 1 else ids[0]


def add_refs(checks: Checks, attributes: Attributes, value: object) -> Attributes:
    """Attributes that carry the ids given beside those already there."""
    added: Attributes = {}
    for kind, ids in checks.refs(value).items():
        before: Any = attributes.get(c.REF_PREFIX + kind, ())
        known = (before,) if isinstance(before, str) else before
        union = tuple(dict.fromkeys((*known, *ids)))
        added[c.REF_PREFIX + kind] = union if len(union) > 1 else union[0]
    return added


def add_link(
    checks: Checks, attributes: Attributes, source: tuple[object, object], target: tuple[object, object]
) -> None:
    """An id that leads to another, or to several of one type, beside the links already there."""
    types = [checks.name("ref type", kind) for kind, _ in (source, target)]
    begin = checks.identifier("ref id", source[1])
    ends = checks.refs({types[1]: target[1]}).get(types[1], ()) if types[1] else ()
    if not (types[0] and types[1] and begin and ends):
        return
    key = f"{c.LINK_PREFIX}{types[0]}.{types[1]}"
    before: Any = attributes.get(key, ())
    pairs = dict.fromkeys([*zip(before[::2], before[1::2], strict=True), *((begin, end) for end in ends)])
    if len(pairs) > MAX_IDS_PER_TYPE:
        checks.problem(
            "links",
            f"A step may carry {MAX_IDS_PER_TYPE} links of one kind, got {len(pairs)}.",
            "Record several steps.",
        )
        return
    attributes[key] = tuple(element for pair in pairs for element in pair)


def keep_refs(checks: Checks, attributes: Attributes, value: object) -> None:
    """Drop the scope's ids: all of them (``True``) or all but the types named."""
    kept = [] if isinstance(value, bool) else [c.REF_PREFIX + n for n in _names(checks, value)]
    if value is False:
        return
    for key in [k for k in attributes if k.startswith(c.REF_PREFIX) and k not in kept]:
        del attributes[key]


def _names(checks: Checks, value: object) -> list[str]:
    many = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
    return [name for name in (checks.name("ref type", element) for element in many) if name]


def set_approval(checks: Checks, attributes: Attributes, value: object) -> None:
    if not isinstance(value, Mapping):
        checks.problem("approval", f"approval must be a mapping, got {value!r:.80}.", 'Pass {"timeout_s": 86400}.')
        return
    for key, raw in value.items():
        if key == "timeout_s":
            _set_timeout(checks, attributes, raw)
        elif key in APPROVAL_TEXTS:
            text = checks.text(f"approval {key}", raw)
            if text:
                attributes[c.APPROVAL_PREFIX + key] = text
        else:
            checks.choice("detail of an approval", key, APPROVAL_KEYS)


def _set_timeout(checks: Checks, attributes: Attributes, value: object) -> None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < float("inf"):
        attributes[c.APPROVAL_PREFIX + "timeout_s"] = float(value)
        return
    checks.problem("approval-timeout", f"timeout_s must be above 0, got {value!r:.80}.", "Pass seconds.")


def set_reads(checks: Checks, attributes: Attributes, value: object) -> None:
    _set_data(checks, attributes, c.DATA_READS, value)


def set_writes(checks: Checks, attributes: Attributes, value: object) -> None:
    _set_data(checks, attributes, c.DATA_WRITES, value)


def _set_data(checks: Checks, attributes: Attributes, key: str, value: object) -> None:
    many = value if isinstance(value, (list, tuple)) else [value]
    kept = tuple(text for text in (checks.text("dataset", element) for element in many) if text)
    if kept:
        attributes[key] = kept


SETTERS: Final[dict[str, Callable[[Checks, Attributes, object], None]]] = {
    "kind": set_kind,
    "action": set_action,
    "actor": set_actor,
    "refs": set_refs,
    "attempt": set_attempt,
    "idempotency_key": set_idempotency_key,
    "cost": set_cost,
    "value": set_value,
    "dims": set_dims,
    "outcome": set_outcome,
    "compensates": set_compensates,
    "approval": set_approval,
    "reads": set_reads,
    "writes": set_writes,
}
"""Details that are attributes; the others (:data:`STEP_ONLY`) steer the step itself."""

STEP_ONLY: Final = ("refs_only", "started", "classify")
OF_THE_CASE: Final = ("value", "dims")
"""Details that say something of the whole case, so they stay for the later steps of the scope."""
