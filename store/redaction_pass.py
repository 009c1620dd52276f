"""Apply the rules of a policy to the items of a request: drop, mask, tokenise or cut values."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from store.wire import field as wire_field
from store.wire import varint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from store.redaction import Concern, Plan, Rule
    from store.telemetry import Item, Parts

MASK: Final = "***"
TOO_LONG: Final = "too_long"  # the name under which cut values are counted

# Ids by which cases are found. They are never cut: a JSON list cut short could not be read. The collector limits them.
_ID: Final = "flow.case.id"
_REFS: Final = "flow.ref."
_LINKS: Final = "flow.link."
# The field `redactions` of an item in intake.proto, far beyond those of OTLP.
_REDACTIONS: Final = 100_001


def redact_items(items: Iterator[Item], plan: Plan, whole: Concern, make_token: Callable[[str], str] | None) -> None:
    """Redact each item in place, and shared attributes once. Each item then records what was done to it and to those.

    ``whole``: what may concern the request as a whole.
    """
    for item in items:
        for shared in item.shared:
            if shared.counts is None:
                shared.counts = _Pass.of(plan, whole, make_token).all_of(shared.attributes)
        # Serialising an item and scanning its bytes again is cheaper than walking its attributes.
        concern = plan.concern(item.message.SerializeToString(), whole)
        if not any(concern) and not any(shared.counts for shared in item.shared):
            continue
        redacting = _Pass.of(plan, concern, make_token)
        if any(concern):
            redacting.parts(item.parts(item.message))
        for shared in item.shared:
            redacting.counts.update(shared.counts)
        if redacting.counts:
            item.message.MergeFromString(_encoded(redacting.counts))


def _encoded(counts: Counter[str]) -> bytes:
    """The counts as protobuf fields. OTLP messages do not know them and keep them as unknown fields."""
    return b"".join(
        wire_field(_REDACTIONS, wire_field(1, rule.encode()) + b"\x10" + varint(count))
        for rule, count in sorted(counts.items())
    )


@dataclass(slots=True)
class _Pass:
    plan: Plan
    make_token: Callable[[str], str] | None
    by_value: list[tuple[Rule, Any]]
    limit: int
    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, plan: Plan, concern: Concern, make_token: Callable[[str], str] | None) -> _Pass:
        return cls(plan, make_token, plan.by_value if concern.values else [], plan.limit if concern.long else 0)

    def parts(self, parts: Parts) -> None:
        for pairs in parts.attributes:
            self.attributes(pairs)
        for message, name in parts.texts if self.by_value or self.limit else ():
            before = getattr(message, name)
            after = self.text(before)
            if after != before:
                setattr(message, name, after or "")
        for value in parts.values:
            if not self.value(value):
                value.Clear()

    def all_of(self, pairs: Any) -> Counter[str]:
        self.attributes(pairs)
        return self.counts

    def attributes(self, pairs: Any) -> None:
        """Redact the attributes, or the members of a list, in place."""
        rule_of, gone = self.plan.rule_of, []
        keys_alone = not self.by_value and not self.limit
        for index, pair in enumerate(pairs):
            key, value = pair.key, pair.value
            rule = rule_of(key)
            if rule is not None:
                stays = self.by_key(value, rule)
            elif keys_alone and value.HasField("string_value"):
                continue
            elif key.startswith(_LINKS) and value.HasField("array_value"):
                self.links(key, value.array_value.values)
                stays = True
            else:
                stays = self.value(value, is_id=key == _ID or key.startswith(_REFS))
            if not stays:
                gone.append(index)
        for index in reversed(gone):
            del pairs[index]

    def links(self, key: str, ends: Any) -> None:
        """Redact the ends of links: source, target, source, target … A link that loses an end is dropped."""
        kinds = key.removeprefix(_LINKS).split(".")
        rules = [self.plan.rule_of(_ID if kind == "case" else _REFS + kind) for kind in kinds]
        stays = []
        for place, end in enumerate(ends):
            rule = rules[place % len(rules)]
            stays.append(self.value(end, is_id=True) if rule is None else self.by_key(end, rule))
        _keep(ends, [all(stays[place - place % 2 : place - place % 2 + 2]) for place in range(len(stays))])

    def by_key(self, value: Any, rule: Rule) -> bool:
        if rule.action == "drop":
            self.counts[rule.name] += 1
            return False
        self.stand_in(value, rule)
        return True

    def stand_in(self, value: Any, rule: Rule) -> None:
        """Replace a whole value. In a list, replace each element, so that each token can be searched for."""
        kind = value.WhichOneof("value")
        if kind == "array_value":
            for element in value.array_value.values:
                self.stand_in(element, rule)
        elif kind == "kvlist_value":
            for member in value.kvlist_value.values:
                self.stand_in(member.value, rule)
        elif text := _plain(value, kind):
            self.counts[rule.name] += 1
            value.string_value = self.replacement(rule, text)

    def value(self, value: Any, *, is_id: bool = False) -> bool:
        """Redact the matches of patterns in an AnyValue; returns whether the value stays."""
        kind = value.WhichOneof("value")
        if kind == "string_value":
            after = self.text(value.string_value, is_id=is_id)
            if after is not None and after != value.string_value:
                value.string_value = after
            return after is not None
        if kind == "array_value":
            elements = value.array_value.values
            _keep(elements, [self.value(element, is_id=is_id) for element in elements])
        elif kind == "kvlist_value":
            self.attributes(value.kvlist_value.values)
        elif kind == "bytes_value":
            self.raw(value)
        return True

    def text(self, text: str, *, is_id: bool = False) -> str | None:
        """The text with all matches redacted; None if a rule drops it."""
        # One search for the patterns of all rules: mostly none of them matches.
        matches = self.by_value and self.plan.any_value.search(text)
        for rule, pattern in self.by_value if matches else ():
            if (is_id and rule.spares_ids) or not pattern.search(text):
                continue
            if rule.action == "drop":
                self.counts[rule.name] += 1
                return None
            after = pattern.sub(self.stand_in_for(rule), text)
            if after != text:
                self.counts[rule.name] += 1
                text = after
        return self.shortened(text) if self.limit and not is_id else text

    def stand_in_for(self, rule: Rule) -> Callable[[Any], str]:
        def stand_in(match: Any) -> str:
            secret = str(match.group(0))
            if rule.accept is not None and not rule.accept(secret):
                return secret
            return self.replacement(rule, secret)

        return stand_in

    def replacement(self, rule: Rule, text: str) -> str:
        return self.make_token(text) if rule.action == "tokenise" and self.make_token else MASK

    def raw(self, value: Any) -> None:
        """Mask bytes as a whole if a pattern matches anywhere in them: their meaning is not known."""
        for rule, pattern in self.by_value:
            if pattern.search(value.bytes_value):
                self.counts[rule.name] += 1
                value.string_value = MASK
                return
        if self.limit and len(value.bytes_value) > self.limit:
            self.counts[TOO_LONG] += 1
            value.bytes_value = value.bytes_value[: self.limit]

    def shortened(self, text: str) -> str:
        limit = self.limit
        if len(text) * 4 <= limit or len(encoded := text.encode()) <= limit:
            return text
        self.counts[TOO_LONG] += 1
        return encoded[:limit].decode(errors="ignore")


def _keep(entries: Any, stays: list[bool]) -> None:
    for index in reversed(range(len(stays))):
        if not stays[index]:
            del entries[index]


def _plain(value: Any, kind: str | None) -> str:
    """A value as the store writes it, because it is searched for in that form; '' for none."""
    if kind is None:
        return ""
    plain = getattr(value, kind)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, bytes):
        return base64.b64encode(plain).decode()
    return str(int(plain)) if isinstance(plain, float) and plain.is_integer() else str(plain)
