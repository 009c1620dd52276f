"""The embedded engine as it runs the calls of many clients at once."""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import chdb

from store_server.answer import Answer, Summary
from store_server.canonical import quoted_name, without_tail
from store_server.errors import engine_errors, refusal, syntax
from store_server.execution import PLAIN_TYPES, Query, answered
from store_server.guard import Guard
from store_server.parser import Parser
from store_server.policies import READER, SHOWN_DATABASES, SHOWN_SYSTEM_TABLES, TENANT_SETTING
from store_server.reader import KILL, SET, USE, Question, Reader, bound_of
from store_server.running import Running
from store_server.sessions import Sessions
from store_server.statement import Statement, StatementError, parse
from store_server.views import DATABASE as VIEWS
from store_server.views import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from store_server.call import Call
    from store_server.limits import Limits
    from store_server.visitor import Visitor

# A query's condition is tried on what such an index knows of a whole granule, before a row policy takes anything out: a
# condition that fails for a value would tell that some tenant has it. Indices of ranges try no condition.
_TELLING_INDICES: Final = (
    "SELECT arrayStringConcat(groupUniqArray(name), ',') FROM system.data_skipping_indices "
    "WHERE type NOT IN ('minmax') AND database NOT IN ('system')"
)
_TAG: Final = "query_cache_tag"
"""A setting without an effect here that makes a running query known by its id, so that it can be stopped."""
# Little text can be much work, most of it where the engine looks at no limit of time or memory. ``max_query_size``: the
# length was checked before, and the engine gets the text in hexadecimals, too.
_PARSING: Final = {"max_query_size": str(16 << 20), "max_ast_elements": "20000", "max_parser_backtracks": "100000"}
_NOBODY: Final = "(nobody)"


class Engine:
    """The data directory ``path``. Every call has a connection of its own, so nothing that it sets outlives it.

    ``configuration`` is the engine's, with what keeps readers to their rows; without one there are no readers. Where
    the directory is open in this process already, both must be the same as there.
    """

    def __init__(self, path: Path, database: str, limits: Limits, configuration: Path | None = None) -> None:
        options = f"?{urlencode({'config-file': str(configuration)})}" if configuration else ""
        self._address = f"{path.resolve()}{options}"
        self._database = database
        self._limits = limits
        self._has_readers = configuration is not None
        self._uploads = tempfile.TemporaryDirectory(prefix="store-server-")
        self._anchor = self._connect()  # the engine shuts down with its last connection
        self._anchor_lock = threading.Lock()
        self._sessions = Sessions(self._connect)
        self._running = Running()
        self._parser = Parser(self._parsing)
        self._reader: Reader | None = None
        self.timezone = self._text("SELECT timezone()").strip()

    @property
    def uploads(self) -> str:
        """A folder for what clients send, gone at the end."""
        return self._uploads.name

    def show(self, tables: Iterable[str]) -> None:
        """Make the views through which readers see ``tables``, as these are now, and let readers in.

        Raises ServerError.
        """
        for statement in statements(self._database, tables, self._rows):
            with engine_errors(), self._anchor_lock:
                self._anchor.query(statement)
        shown = {name: self._tables(name) for name in SHOWN_DATABASES} | {"system": SHOWN_SYSTEM_TABLES}
        functions = self._text("SELECT name FROM system.functions").split()
        guard = Guard.against(functions, shown, self._database)
        self._reader = Reader(self._parser, guard, self._limits, bound_of(self._text(_TELLING_INDICES).strip()))

    def close(self) -> None:
        """Let go of the directory."""
        self._sessions.close()
        self._parser.close()
        self._anchor.close()
        self._uploads.cleanup()

    def run(self, call: Call, visitor: Visitor) -> Answer:
        """Run ``call`` for ``visitor``. Raises ServerError."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._running.entered(call, visitor))
            answer = self._own(call, stack) if visitor.writes else self._read(call, visitor, stack)
            if answer.rest is None:
                return answer
            answer.close = stack.pop_all().close
            return answer

    def stop(self, tag: str) -> None:
        """Stop the call of that tag, if it still runs or has yet to begin."""
        self._running.stop(tag)
        condition = f"Settings['{_TAG}'] = {quoted(tag)}"
        with contextlib.suppress(RuntimeError), self._anchor_lock:
            self._anchor.query(f"KILL QUERY WHERE {condition} ASYNC", "Null")

    # The owner

    def _own(self, call: Call, stack: contextlib.ExitStack) -> Answer:
        connection = stack.enter_context(self._sessions.connection(call.session))
        statement = _parsed(call.body, self._limits)
        settings = dict(call.settings)
        if call.session:
            # What a call sets is for that call; and readonly, once set, could not be taken back.
            if settings.pop("readonly", "0") != "0" and not statement.answers:
                raise refusal(164, "READONLY", "Cannot execute query in readonly mode.")
            stack.callback(_reset, connection, settings)
        with engine_errors():
            connection.query(f"USE {quoted_name(call.database)}")
            _set(connection, {_TAG: call.tag, **settings})
        self._running.expect_wanted(call)
        if statement.data is not None:
            return self._insert(connection, call, statement)
        query = Query(statement.text, statement.format or call.default_format, call.params, statement.selects)
        if call.revision and statement.answers:
            query = self._described(connection, call, query, stack)
        answer = answered(connection, query, stack)
        if not (answer.head or answer.rest or statement.answers):
            answer.format = ""
        return answer

    def _described(self, connection: Any, call: Call, query: Query, stack: contextlib.ExitStack) -> Query:
        text, _, settings = without_tail(self._parser.canonical(query.text.encode()))
        query = Query(text, query.format, query.params, query.selects, call.revision)
        if query.described:
            stack.callback(_reset, connection, PLAIN_TYPES)  # a session goes on
            with engine_errors():
                _set_as_written(connection, settings)
                _set(connection, PLAIN_TYPES)
        return query

    def _insert(self, connection: Any, call: Call, statement: Statement) -> Answer:
        with tempfile.NamedTemporaryFile(dir=self.uploads, suffix=".bin") as upload, engine_errors():
            upload.write(statement.data or b"")
            upload.flush()
            result = connection.query(statement.reading(upload.name), call.default_format, params=dict(call.params))
        answer = Answer(result.bytes() or b"", Summary())
        answer.summary.add(result)
        return answer

    # Readers

    def _read(self, call: Call, visitor: Visitor, stack: contextlib.ExitStack) -> Answer:
        if visitor.tenant == "" or self._reader is None:
            raise refusal(497, "ACCESS_DENIED", "There are no readers here, only the owner of the store.")
        question = self._reader.question(call, visitor)
        if question.kind in (SET, USE):
            self._reader.remember(question, call, visitor)
            return Answer(b"", Summary())
        text = self._kill(question, visitor) if question.kind == KILL else question.text
        selects = question.selects or question.kind == KILL
        query = Query(text, question.format, call.params, selects, call.revision)
        connection = stack.enter_context(contextlib.closing(self._reading(question, call.tag, query)))
        self._running.expect_wanted(call)
        return answered(connection, query, stack)

    def _reading(self, question: Question, tag: str, query: Query) -> Any:
        """A connection on which nothing but reading this tenant's rows is possible."""
        pretty = PLAIN_TYPES if query.described else {}
        return self._bound(question.database, {_TAG: tag, **_PARSING, **pretty, **question.settings})

    def _parsing(self) -> Any:
        """A connection on which nothing can be read. The statement of a reader is first seen there."""
        settings = {**_PARSING, "readonly": "1", TENANT_SETTING: _NOBODY}
        return self._bound(VIEWS if self._has_readers else "default", settings)

    def _bound(self, database: str, settings: Mapping[str, str]) -> Any:
        connection = self._connect()
        try:
            with engine_errors():
                if self._has_readers:
                    connection.query(f"SET ROLE {READER}")
                connection.query(f"USE {quoted_name(database)}")
                _set(connection, settings)
        except BaseException:
            connection.close()
            raise
        return connection

    def _kill(self, question: Question, visitor: Visitor) -> str:
        """Stop what the reader asks to stop, if it is theirs. Its answer is that of the SELECT that comes back."""
        calls = self._running.asked_to_kill(question.text, visitor)
        for tag in calls:
            self.stop(tag)
        ids = ", ".join(quoted(query_id) for query_id in calls.values())
        return (
            f"SELECT 'waiting' AS kill_status, arrayJoin(CAST([{ids}], 'Array(String)')) AS query_id, "
            "currentUser() AS user, '' AS query"
        )

    def _connect(self) -> Any:
        return chdb.connect(self._address)

    def _tables(self, database: str) -> list[str]:
        return self._text(f"SELECT name FROM system.tables WHERE database = {quoted(database)}").split()  # noqa: S608

    def _rows(self, sql: str) -> list[list[Any]]:
        return [json.loads(line) for line in self._text(f"{sql} FORMAT JSONCompactEachRow").splitlines()]

    def _text(self, sql: str) -> str:
        with self._anchor_lock:
            text: str = self._anchor.query(sql, "TSVRaw").bytes().decode()
        return text


def quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _parsed(body: bytes, limits: Limits) -> Statement:
    try:
        return parse(body, limits.statement_bytes)
    except StatementError as error:
        raise syntax(str(error)) from error


def _set(connection: Any, settings: Mapping[str, str]) -> None:
    _set_as_written(connection, {key: quoted(value) for key, value in settings.items()})


def _set_as_written(connection: Any, settings: Mapping[str, str]) -> None:
    if settings:
        connection.query("SET " + ", ".join(f"{key} = {value}" for key, value in settings.items()))


def _reset(connection: Any, settings: Mapping[str, str]) -> None:
    if settings:
        with contextlib.suppress(RuntimeError):
            connection.query("SET " + ", ".join(f"{key} = DEFAULT" for key in settings))
