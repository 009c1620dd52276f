"""The policy file: which attributes and patterns are dropped, masked or tokenised before anything is stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from access.errors import AccessError
from server.errors import PolicyError
from store.errors import StoreUnavailable
from store.patterns import PatternError, compiled
from store.redaction import Action, Redactor, Rule
from store.redaction_pass import TOO_LONG
from store.secrets import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.settings import Settings

BUILT_IN: Final = {rule.name: rule for rule in SECRETS}

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class PolicyRule(BaseModel):
    """One entry of ``rules``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    action: Action
    keys: tuple[Annotated[str, Field(min_length=1, max_length=256)], ...] = ()
    values: tuple[str, ...] = ()
    signals: frozenset[Literal["traces", "logs", "metrics"]] = frozenset()

    @field_validator("values", mode="after")
    @classmethod
    def _usable(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            _expect_pattern(value)
        return values

    @model_validator(mode="after")
    def _matches_something(self) -> PolicyRule:
        if not self.keys and not self.values:
            raise ValueError("a rule needs keys, values or both")
        return self

    def rule(self) -> Rule:
        return Rule(self.name, self.action, self.keys, self.values, frozenset(map(str, self.signals)))


class Policy(BaseModel):
    """A policy file. Its rules come before the built-in ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[PolicyRule, ...] = ()
    switch_off: frozenset[str] = frozenset()

    @field_validator("switch_off", mode="after")
    @classmethod
    def _built_in(cls, names: frozenset[str]) -> frozenset[str]:
        if unknown := sorted(names - BUILT_IN.keys()):
            raise ValueError(f"{', '.join(unknown)}: not built in; these are: {', '.join(BUILT_IN)}")
        return names

    @model_validator(mode="after")
    def _one_of_each_name(self) -> Policy:
        taken = {*BUILT_IN, TOO_LONG}
        for rule in self.rules:
            if rule.name in taken:
                raise ValueError(f"the name {rule.name!r} is taken; choose another")
            taken.add(rule.name)
        return self

    def all_rules(self) -> list[Rule]:
        """All rules in the order in which they are applied."""
        built_in = [rule for name, rule in BUILT_IN.items() if name not in self.switch_off]
        return [*(rule.rule() for rule in self.rules), *built_in]


def load_policy(path: Path) -> Policy:
    """The policy in the file ``path``. Raises PolicyError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"The policy {path} cannot be read: {error}.", "Check FLOWTRAIL_POLICY.") from None
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        return Policy.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        raise PolicyError(f"The policy {path} is not YAML: {error}") from None
    except ValidationError as error:
        problems = "\n".join(_problem(entry, root) for entry in error.errors(include_url=False))
        raise PolicyError(f"The policy {path} cannot be used:\n{problems}") from None


def redactor(settings: Settings, token_key: Callable[[str], bytes | None]) -> Redactor:
    """What redacts requests, with the policy of the settings. Raises PolicyError."""

    def key(tenant: str) -> bytes:
        try:
            secret = token_key(tenant)
        except AccessError as error:
            # Not stored without redaction: the collector waits and tries again, as when the store is away.
            raise StoreUnavailable(f"The token key of {tenant} cannot be read: {error}") from error
        if not secret:
            raise StoreUnavailable(f"There is no token key of {tenant}.")
        return secret

    policy = load_policy(Path(settings.policy)) if settings.policy else Policy()
    return Redactor(policy.all_rules(), key, settings.max_value_bytes)


def _expect_pattern(value: str) -> None:
    try:
        pattern = compiled(value)
    except PatternError as error:
        raise ValueError(f"{value!r} is not a pattern that RE2 accepts: {_reason(error)}") from None
    if pattern.search(""):
        raise ValueError(f"{value!r} matches an empty text, and so everything; require at least one character")


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


def _problem(error: Any, root: Any) -> str:
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    message = error["msg"].removeprefix("Value error, ")
    return f"line {_line(error['loc'], root)}: {where or 'the file'}: {message}."


def _line(location: tuple[int | str, ...], root: Any) -> int:
    """The line of the innermost part of ``location`` that the file contains."""
    node = root
    line = node.start_mark.line if node is not None else 0
    for part in location:
        child = _child(node, part)
        if child is None:
            break
        node, line = child
    return int(line) + 1


def _child(node: Any, part: int | str) -> tuple[Any, int] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line
    return None
