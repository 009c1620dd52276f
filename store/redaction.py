"""Redaction: what a policy removes from a request before it is stored, and the token that stands in for a value.

Python does not decode a request unless a quick scan of the raw bytes finds something that a rule might match. RE2 does
the scan: its time grows in proportion to the input, whatever a sender writes.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import re2
from google.protobuf.message import DecodeError

from store.errors import StoreError
from store.patterns import any_of, glob, glob_anywhere, loosened
from store.redaction_pass import redact_items
from store.telemetry import items
from store.wire import varint_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Hex digits of a token: 128 bits, so that two values of a tenant never get the same token by chance.
_DIGITS: Final = 32
# Attribute names whose rule is cached. Bounded, because a sender may invent any number of names.
_KEYS_REMEMBERED: Final = 10_000
# Where a string of 16 KiB or more may begin: its tag, and a length of three or four bytes.
_LONG_STRING: Final = rb"[\x0a\x3a][\x80-\xff]{2,3}[\x01-\x7f]"
_LONG_FROM: Final = 1 << 14


class Action(StrEnum):
    """What happens to a value, or to the part of a text that a pattern matches."""

    DROP = "drop"
    MASK = "mask"
    TOKENISE = "tokenise"


@dataclass(frozen=True, slots=True)
class Rule:
    """``keys``: names of attributes, with * and ?; ``values``: patterns in RE2's syntax. One of them is enough.

    ``signals``: traces, logs, metrics; empty means all. ``accept``: a final check of each match.
    ``spares_ids``: patterns are not applied to ``flow.case.id``, ``flow.ref.*`` and ``flow.link.*``.
    """

    name: str
    action: Action
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    signals: frozenset[str] = frozenset()
    accept: Callable[[str], bool] | None = None
    spares_ids: bool = False


def token(value: str, key: bytes) -> str:
    """What stands for ``value`` in the store: ``tok_`` and 32 hex digits of its HMAC-SHA256 under the tenant's key."""
    return "tok_" + hmac.digest(key, value.encode(), hashlib.sha256).hex()[:_DIGITS]


def _no_key(_tenant: str) -> bytes:
    raise StoreError(
        "redaction",
        "The policy tokenises values, but there is no key to make tokens with.",
        "Give the Redactor a key for each tenant.",
    )


class Redactor:
    """A compiled policy and ``keys``, the tokenising key of each tenant (32 bytes). Threads may share it.

    ``max_value_bytes``: longer texts are cut at a character's end; 0 is no limit. Raises PatternError for a pattern
    that RE2 does not take.
    """

    def __init__(
        self, rules: Iterable[Rule] = (), keys: Callable[[str], bytes] = _no_key, max_value_bytes: int = 0
    ) -> None:
        self.keys = keys
        rules = tuple(rules)
        self._plans = {
            signal: Plan([rule for rule in rules if not rule.signals or signal in rule.signals], max_value_bytes)
            for signal in ("traces", "logs", "metrics")
        }

    def redact(self, signal: str, tenant: str, request: bytes) -> bytes:
        """``request`` as it may be stored: unchanged if no rule concerns it, and the same result every time.

        Each changed span, log record or data point carries a field that says how often which rule changed it. Raises
        StoreError ``invalid_data`` for bytes that are not a request.
        """
        plan = self._plans[signal]
        if not plan.may_concern(request):
            return request
        make_token = self._tokens(tenant) if plan.tokenises else None
        try:
            message, to_redact = items(signal, request)
        except DecodeError as error:
            raise StoreError("invalid_data", f"This is no request for {signal}: {error}") from None
        redact_items(to_redact, plan, plan.concern(request, ANYTHING), make_token)
        return bytes(message.SerializeToString())

    def _tokens(self, tenant: str) -> Callable[[str], str]:
        key = self.keys(tenant)
        return lambda value: token(value, key)


class Concern(NamedTuple):
    """Whether a message may hold keys that a rule names, values that a pattern finds, values that are too long."""

    keys: bool
    values: bool
    long: bool


ANYTHING: Final = Concern(keys=True, values=True, long=True)


class Plan:
    """The rules for one signal, compiled.

    ``by_value``: each rule with patterns, and what finds them; ``any_value`` finds the patterns of all.
    """

    def __init__(self, rules: list[Rule], limit: int) -> None:
        self.limit = limit
        self.tokenises = any(rule.action is Action.TOKENISE for rule in rules)
        self.by_value = [(rule, any_of(rule.values)) for rule in rules if rule.values]
        self.any_value = any_of(value for rule in rules for value in rule.values)
        self._by_key = [(rule, any_of(map(glob, rule.keys))) for rule in rules if rule.keys]
        self._known: dict[str, Rule | None] = {}
        values = [loosened(value) for rule in rules for value in rule.values]
        keys = [glob_anywhere(key) for rule in rules for key in rule.keys]
        # A link holds ids whose types stand in its name, so a rule for flow.ref.<type> concerns it too.
        keys += [glob_anywhere("flow.link.*")] if keys else []
        self._values = any_of(values) if values else None
        self._keys = any_of(keys) if keys else None
        self._suspect = any_of([*values, *keys]) if values or keys else None
        self._long = _long_strings() if limit else None

    def may_concern(self, message: bytes) -> bool:
        """False if no rule can change ``message``, a request or a part of one. True is a guess."""
        return (self._suspect is not None and bool(self._suspect.search(message))) or self._may_be_long(message)

    def concern(self, message: bytes, within: Concern) -> Concern:
        """Which of the concerns ``within`` may apply to ``message``."""
        return Concern(
            keys=within.keys and self._keys is not None and bool(self._keys.search(message)),
            values=within.values and self._values is not None and bool(self._values.search(message)),
            long=within.long and self._may_be_long(message),
        )

    def rule_of(self, key: str) -> Rule | None:
        """The first rule that names ``key``."""
        try:
            return self._known[key]
        except KeyError:
            if len(self._known) >= _KEYS_REMEMBERED:
                self._known = {}
            match = next((rule for rule, names in self._by_key if names.search(key)), None)
            self._known[key] = match
            return match

    def _may_be_long(self, message: bytes) -> bool:
        if self._long is None or len(message) <= self.limit:
            return False
        if self.limit < _LONG_FROM:
            return True
        # Most bytes that look like the start of a string announce a length that does not fit into the message.
        return any(
            self.limit < varint_at(message, tag.start() + 1) <= len(message) - tag.end()
            and _in_a_value(message, tag.start())
            for tag in self._long.finditer(message)
        )


def _in_a_value(message: bytes, start: int) -> bool:
    """Whether the string at ``start`` fills an AnyValue: then the length of the value stands right before it."""
    length = varint_at(message, start + 1)
    size = 1 + (3 if length < 1 << 21 else 4) + length
    return any(varint_at(message, start - back) == size for back in (3, 4) if start >= back)


def _long_strings() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(_LONG_STRING, options)


NO_REDACTION: Final = Redactor()
