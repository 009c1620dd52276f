"""What a reader may run: statements that ask, functions that only compute, tables that are shown.

The engine reads the statement and writes it again (see ``parser``). The text that it wrote is checked here, and that
text is what runs. It is checked twice, so that an oversight in one check does not open the door: by the names in the
text, and by the functions and tables in the engine's own tree of it. Behind both stand the role and the row policies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store_server.allowed_functions import ALLOWED_TABLE_FUNCTIONS, is_allowed
from store_server.canonical import expect_plain, names
from store_server.errors import denied, refusal
from store_server.views import DATABASE as VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from store_server.canonical import Name
    from store_server.errors import ServerError
    from store_server.parser import Parser

SELECT: Final = "SelectWithUnionQuery"
_KINDS: Final = frozenset(
    {
        *(SELECT, "Explain", "DescribeQuery", "ExistsTableQuery", "ExistsViewQuery", "ExistsDatabaseQuery"),
        *("ShowTables", "ShowColumns", "ShowCreateTableQuery", "ShowCreateViewQuery", "ShowFunctions", "ShowIndexes"),
        *("ShowSetting", "ShowEngineQuery", "Set", "UseQuery", "KillQueryQuery"),
    }
)
_EXPLAINED: Final = frozenset({SELECT, "Set", "Identifier"})
_TABLE_FUNCTIONS: Final = frozenset(map(str.lower, ALLOWED_TABLE_FUNCTIONS))
_CLAUSES: Final = frozenset({"OUTFILE", "INFILE"})
# Its tables are the files of this machine.
_FILES: Final = "default"

_KIND: Final = re.compile(r"\w+")
_CHILD: Final = re.compile(r"^ (\w+)", re.MULTILINE)
_FUNCTION: Final = re.compile(r"^ *Function (\S+)", re.MULTILINE)
_TABLE: Final = re.compile(r"^ *TableIdentifier (.+?)(?: \(alias .*\))?$", re.MULTILINE)
_WITH: Final = re.compile(r"(?:`((?:[^`\\]|\\.)*)`|\b(\w+)) AS (?:MATERIALIZED )?\(")


@dataclass(frozen=True, slots=True)
class Guard:
    """``refused``: the engine's functions that readers may not call, in small letters.

    ``shown``: the tables that they may read, by database. ``database`` is the store's own, whose tables they see
    through views.
    """

    refused: frozenset[str]
    shown: Mapping[str, frozenset[str]]
    database: str

    @classmethod
    def against(cls, functions: Iterable[str], shown: Mapping[str, Iterable[str]], database: str) -> Guard:
        """The guard against an engine that has these functions."""
        refused = frozenset(name.lower() for name in functions if not is_allowed(name))
        return cls(refused | {"file"}, {name: frozenset(tables) for name, tables in shown.items()}, database.lower())

    def expect_harmless(self, text: str, parser: Parser, params: Mapping[str, str], current: str) -> str:
        """The kind of the canonical statement ``text``. Raises ServerError unless a reader may run it.

        ``current`` is the database of names without one.
        """
        expect_plain(text)
        tree = parser.tree(text, params)  # first, for the engine refuses what is too large
        for name in names(text):
            self._expect_name(name)
        return self._expect_tree(tree, self._nameable(text, current))

    def expect_database(self, name: str) -> None:
        """Raise ServerError unless readers may have ``name`` as their current database."""
        if name not in self.shown:
            raise refusal(81, "UNKNOWN_DATABASE", f"Readers see no database {name[:80]}. The tables are in {VIEWS}.")

    def _expect_name(self, name: Name) -> None:
        lowered = name.text.lower()
        if "\\" in name.text:
            raise denied("Readers cannot use a backslash or a control character in a quoted name.")
        if lowered in self.refused or (not name.quoted and name.text in _CLAUSES):
            raise _no_function(name.text)
        if lowered in (_FILES, self.database):
            raise denied(
                f"Readers cannot read the database {name.text}. The tables are in the database {VIEWS}: {VIEWS}.cases."
            )
        if name.opens:
            _expect_function(name.text)

    def _expect_tree(self, tree: str, nameable: frozenset[str]) -> str:
        match = _KIND.match(tree)
        kind = match[0] if match else ""
        if kind not in _KINDS or (kind == "Explain" and not set(_CHILD.findall(tree)) <= _EXPLAINED):
            raise denied("Readers may only ask. Use SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN SELECT.")
        for function in set(_FUNCTION.findall(tree)):
            _expect_function(function)
        for table in set(_TABLE.findall(tree)) - nameable:
            raise refusal(
                60, "UNKNOWN_TABLE", f"Readers see no table {table[:200]}. SHOW TABLES FROM {VIEWS} lists them."
            )
        return kind

    def _nameable(self, text: str, current: str) -> frozenset[str]:
        """What may stand where a table is named: shown tables, and what the statement itself calls so."""
        qualified = {f"{database}.{table}" for database, tables in self.shown.items() for table in tables}
        own = {quoted or word for quoted, word in _WITH.findall(text)}
        return frozenset({*qualified, *own, *self.shown.get(current, ())})


def _expect_function(name: str) -> None:
    if not is_allowed(name) and name.lower() not in _TABLE_FUNCTIONS:
        raise _no_function(name)


def _no_function(name: str) -> ServerError:
    return denied(f"Readers may not use {name[:200]}: it is unknown, or reaches beyond the tables.")
