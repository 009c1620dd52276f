"""The embedded engine as it runs the calls of many clients at once."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import chdb

from store_server.answer import Answer, Summary, begun, continued
from store_server.errors import ServerError, refusal
from store_server.guard import Guard
from store_server.policies import TENANT_SETTING
from store_server.sessions import Sessions
from store_server.views import DATABASE as VIEWS
from store_server.views import statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from store_server.call import Call, External
    from store_server.limits import Limits
    from store_server.visitor import Visitor

# Readers share the engine's one user, and with it whatever it keeps from one query for the next.
_NOTHING_SHARED: Final = {
    "use_query_cache": "0",
    "use_query_condition_cache": "0",
    "allow_introspection_functions": "0",
}
# A query's condition is tried on what such an index knows of a whole granule, before a row policy takes anything out: a
# condition that fails for a value would tell that some tenant has it. Indices of ranges try no condition.
_TELLING_INDICES: Final = (
    "SELECT arrayStringConcat(groupUniqArray(name), ',') FROM system.data_skipping_indices "
    "WHERE type NOT IN ('minmax') AND database NOT IN ('system')"
)
_TAG: Final = "query_cache_tag"
"""A setting without an effect here that makes a running query known by its id, so that it can be stopped."""

# Asked by clickhouse-connect when it connects. What a reader may change is decided here and not by the engine, which
# would call every setting read-only; then the client would not send any. Nothing else may stand in such a statement.
_CHANGEABLE: Final = re.compile(
    r"SELECT name, value, readonly FROM system\.settings( LIMIT \d+)?( FORMAT \w+)?", re.ASCII
)


class Engine:
    """The data directory ``path``. Every call has a connection of its own, so nothing that it sets outlives it.

    ``configuration`` is the engine's, with the policies that keep readers to their rows; without one there are no
    readers. Where the directory is open in this process already, both must be the same as there.
    """

    def __init__(self, path: Path, database: str, limits: Limits, configuration: Path | None = None) -> None:
        options = f"?{urlencode({'config-file': str(configuration)})}" if configuration else ""
        self._address = f"{path.resolve()}{options}"
        self._database = database
        self._limits = limits
        self._has_policies = configuration is not None
        self._uploads = tempfile.TemporaryDirectory(prefix="store-server-")
        self._anchor = self._connect()  # the engine shuts down with its last connection
        self._asking = threading.Lock()
        self._sessions = Sessions(self._connect)
        self._bound = {**_NOTHING_SHARED, "ignore_data_skipping_indices": self._ask(_TELLING_INDICES).strip()}
        self._guard = Guard.against(self._names("functions"), self._names("table_functions"), database)
        self.timezone = self._ask("SELECT timezone()").strip()

    @property
    def uploads(self) -> str:
        """A folder for what clients send, gone at the end."""
        return self._uploads.name

    def show(self, tables: Iterable[str]) -> None:
        """Make the views through which readers see ``tables``, as these are now. Raises ServerError."""
        for statement in statements(self._database, tables, self._rows):
            with engine_errors(), self._asking:
                self._anchor.query(statement)

    def close(self) -> None:
        """Let go of the directory."""
        self._sessions.close()
        self._anchor.close()
        self._uploads.cleanup()

    def run(self, call: Call, visitor: Visitor) -> Answer:
        """Run ``call`` for ``visitor``. Raises ServerError."""
        with contextlib.ExitStack() as stack:
            if visitor.writes:
                connection = stack.enter_context(self._sessions.connection(call.session))
                answer = self._own(connection, call, stack)
            else:
                connection = stack.enter_context(contextlib.closing(self._connect()))
                answer = self._read(connection, call, visitor.tenant, stack)
            if answer.rest is None:
                return answer
            answer.close = stack.pop_all().close
            return answer

    def stop(self, call: Call) -> None:
        """Stop ``call``, if it still runs."""
        condition = f"Settings['{_TAG}'] = {quoted(call.tag)}"
        with contextlib.suppress(RuntimeError), self._asking:
            self._anchor.query(f"KILL QUERY WHERE {condition} ASYNC", "Null")

    def _own(self, connection: Any, call: Call, stack: contextlib.ExitStack) -> Answer:
        settings = dict(call.settings)
        if call.session:
            # What a call sets is for that call; and readonly, once set, could not be taken back.
            if settings.pop("readonly", "0") != "0" and not call.statement.answers:
                raise refusal(164, "READONLY", "Cannot execute query in readonly mode.")
            stack.callback(_reset, connection, settings)
        return self._begun(connection, call, settings, stack)

    def _read(self, connection: Any, call: Call, tenant: str | None, stack: contextlib.ExitStack) -> Answer:
        if tenant == "" or not self._has_policies:
            raise refusal(497, "ACCESS_DENIED", "There are no readers here, only the owner of the store.")
        statement, asked = call.statement.without_settings()
        self._guard.expect_harmless(statement, call.params)
        for table in call.externals:
            self._guard.expect_columns(table.structure)
        bound = {**self._bound, TENANT_SETTING: tenant or ""}
        plain = _CHANGEABLE.fullmatch(" ".join(statement.text.split())) is not None
        chosen = self._limits.settings({**call.settings, **asked}, whole=not continued(call.format))
        settings = {**chosen, **bound, "readonly": "2" if plain else "1"}
        # What a client says that knows of no other database, or of the product's name only.
        wanted = VIEWS if call.database in ("default", self._database) else call.database
        return self._begun(connection, replace(call, statement=statement, database=wanted), settings, stack)

    def _begun(self, connection: Any, call: Call, settings: Mapping[str, str], stack: contextlib.ExitStack) -> Answer:
        with engine_errors():
            connection.query(f"USE {name(call.database)}")
            for table in call.externals:
                _create(connection, table, stack)
            _set(connection, {_TAG: call.tag, **settings})
            if call.statement.selects and continued(call.format):
                stream = connection.send_query(call.statement.text, call.format, params=dict(call.params))
                stack.callback(stream.cancel)
                return begun(stream)
            return self._whole(connection, call)

    def _whole(self, connection: Any, call: Call) -> Answer:
        result = self._execute(connection, call)
        summary = Summary()
        summary.add(result)
        return Answer(result.bytes() or b"", summary)

    def _execute(self, connection: Any, call: Call) -> Any:
        statement = call.statement
        if statement.data is None:
            return connection.query(statement.text, call.default_format, params=dict(call.params))
        with tempfile.NamedTemporaryFile(dir=self.uploads, suffix=".bin") as upload:
            upload.write(statement.data)
            upload.flush()
            return connection.query(statement.reading(upload.name), call.default_format, params=dict(call.params))

    def _connect(self) -> Any:
        return chdb.connect(self._address)

    def _names(self, table: str) -> list[str]:
        return self._ask(f"SELECT name FROM system.{table}").split()  # noqa: S608 - our own names

    def _rows(self, sql: str) -> list[list[Any]]:
        return [json.loads(line) for line in self._ask(f"{sql} FORMAT JSONCompactEachRow").splitlines()]

    def _ask(self, sql: str) -> str:
        with self._asking:
            text: str = self._anchor.query(sql, "TSVRaw").bytes().decode()
        return text


def quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def name(identifier: str) -> str:
    return "`" + identifier.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _set(connection: Any, settings: Mapping[str, str]) -> None:
    connection.query("SET " + ", ".join(f"{key} = {quoted(value)}" for key, value in settings.items()))


def _reset(connection: Any, settings: Mapping[str, str]) -> None:
    if settings:
        with contextlib.suppress(RuntimeError):
            connection.query("SET " + ", ".join(f"{key} = DEFAULT" for key in settings))


def _create(connection: Any, table: External, stack: contextlib.ExitStack) -> None:
    """The columns go in as a text that can be nothing but columns; a session must not keep the table."""
    columns = f"SELECT * FROM null({quoted(table.structure)})"  # noqa: S608 - quoted
    connection.query(f"CREATE TEMPORARY TABLE {name(table.name)} AS {columns}")
    stack.callback(_drop, connection, table.name)
    inserter = connection.send_insert(f"INSERT INTO {name(table.name)}", table.format)
    inserter.append(table.data)
    inserter.finish()


def _drop(connection: Any, table: str) -> None:
    with contextlib.suppress(RuntimeError):
        connection.query(f"DROP TEMPORARY TABLE IF EXISTS {name(table)}")


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, chdb.ChdbError) as error:
        raise ServerError(str(error)) from error
