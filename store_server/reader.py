"""What a reader's call comes to: a statement that was written again and checked, and the settings for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from store_server import filters
from store_server.answer import continued
from store_server.canonical import assignments, unquoted, with_identifiers, without_tail
from store_server.errors import refusal, syntax
from store_server.guard import SELECT, Guard
from store_server.policies import TENANT_SETTING
from store_server.remembered import Remembered
from store_server.views import DATABASE as VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from store_server.call import Call
    from store_server.limits import Limits
    from store_server.parser import Parser
    from store_server.visitor import Visitor

_GROWTH: Final = 4
"""How much longer a statement may be as the engine writes it."""
SET, USE, KILL = "Set", "UseQuery", "KillQueryQuery"

# Asked by clickhouse-connect when it connects. What a reader may change is decided here and not by the engine, which
# would call every setting read-only; then the client would not send any. Nothing else may stand in such a statement.
_CHANGEABLE: Final = re.compile(r"SELECT name, value, readonly FROM system\.settings( LIMIT \d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Question:
    """A canonical statement that its reader may run. ``settings`` hold everything to be set for it."""

    text: str
    kind: str
    format: str
    database: str
    settings: Mapping[str, str]

    @property
    def selects(self) -> bool:
        """Whether its rows may be many."""
        return self.kind == SELECT


class Reader:
    """``bound``: settings of every reader's connection."""

    def __init__(self, parser: Parser, guard: Guard, limits: Limits, bound: Mapping[str, str]) -> None:
        self._parser = parser
        self._guard = guard
        self._limits = limits
        self._bound = bound
        self._remembered = Remembered()

    def question(self, call: Call, visitor: Visitor) -> Question:
        """What ``call`` asks. Raises ServerError for what readers may not ask."""
        state = self._remembered.state(call, visitor)
        database = self._database(state.database or call.database)
        text, name, tail_settings = self._canonical(call.body, call.params)
        kind = self._guard.expect_harmless(text, self._parser, call.params, database)
        requested = {
            **state.settings,
            **call.settings,
            **{key: unquoted(value) for key, value in tail_settings.items()},
        }
        chosen = self._chosen(requested, database, whole=not continued(name or call.default_format))
        fixed = {**self._bound, TENANT_SETTING: visitor.tenant or ""}
        readonly = "2" if _CHANGEABLE.fullmatch(text) else "1"
        settings = {**chosen, **fixed, "readonly": readonly}
        return Question(text, kind, name or call.default_format, database, settings)

    def remember(self, question: Question, call: Call, visitor: Visitor) -> None:
        """Do what SET or USE ask: for the rest of the session, or for nothing if there is none, as in ClickHouse."""
        if question.kind == USE:
            name = question.text.removeprefix("USE ").replace("`", "")
            self._remembered.update(call, visitor, database=self._database(name))
            return
        assigned = {key: unquoted(value) for key, value in assignments(question.text).items()}
        self._chosen(assigned, question.database, whole=False)  # an error now is better than one with the next query
        before = self._remembered.state(call, visitor).settings
        self._remembered.update(call, visitor, settings={**before, **assigned})

    def _canonical(self, body: bytes, params: Mapping[str, str]) -> tuple[str, str | None, dict[str, str]]:
        if len(body) > self._limits.statement_bytes:
            most = self._limits.statement_bytes
            raise refusal(62, "SYNTAX_ERROR", f"Max query size exceeded: the statement is longer than {most:,} bytes.")
        written = self._written(body)
        head, name, tail_settings = without_tail(written)
        text = with_identifiers(head, params)
        if text != written:
            text = self._written(text.encode())
            if without_tail(text) != (text, None, {}):
                raise syntax("SETTINGS and FORMAT stand at the end of a statement, once each.")
        return text, name, tail_settings

    def _written(self, statement: bytes) -> str:
        text = self._parser.canonical(statement)
        if len(text) > _GROWTH * self._limits.statement_bytes:
            raise refusal(
                62, "SYNTAX_ERROR", "Max query size exceeded: the statement is too long once it is written out."
            )
        return text

    def _database(self, name: str) -> str:
        """A client that knows of no other database, or of the product's name only, means the views."""
        database = VIEWS if name.lower() in ("default", self._guard.database) else name
        self._guard.expect_database(database)
        return database

    def _chosen(self, requested: Mapping[str, str], database: str, *, whole: bool) -> dict[str, str]:
        settings = dict(requested)
        added = settings.pop(filters.SETTING, "")
        chosen = self._limits.settings(settings, whole=whole)
        if added:
            chosen[filters.SETTING] = filters.checked(
                added, self._guard.shown[VIEWS], lambda condition: self._condition(condition, database)
            )
        return chosen

    def _condition(self, condition: str, database: str) -> str:
        """A condition as the engine writes it. Raises ServerError unless a reader may have it."""
        text, name, tail_settings = self._canonical(b"SELECT " + condition.encode(), {})
        if name or tail_settings or self._guard.expect_harmless(text, self._parser, {}, database) != SELECT:
            raise syntax(f"A filter is a condition, not: {condition[:200]}")
        return text.removeprefix("SELECT ")


def bound_of(telling_indices: str) -> dict[str, str]:
    """The settings of every reader's connection."""
    return {**_NOTHING_SHARED, "ignore_data_skipping_indices": telling_indices}


# Readers share the engine's one user, and with it whatever it keeps from one query for the next.
_NOTHING_SHARED: Final[dict[str, Any]] = {
    "use_query_cache": "0",
    "use_query_condition_cache": "0",
    "allow_introspection_functions": "0",
}
