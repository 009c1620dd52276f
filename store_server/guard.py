"""What a reader may run. The engine keeps readers to reading and to their rows; here stands what it does not.

The engine runs everybody as one user with every privilege, and ``readonly`` forbids writing, not reading files or
other servers. So the names of all functions and table functions that reach outside the tables are refused, wherever
they stand in a statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store_server.errors import denied, syntax
from store_server.lexer import tokens
from store_server.views import DATABASE as VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from store_server.lexer import Token
    from store_server.statement import Statement

_VERBS: Final = frozenset({"SELECT", "WITH", "FROM", "(", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN"})
_TABLE_FUNCTIONS: Final = frozenset(
    {"numbers", "numbers_mt", "zeros", "zeros_mt", "generateseries", "generate_series", "values", "view", "null"}
    | {"primes"}
)
_FUNCTIONS: Final = re.compile(
    r"file|catboostevaluate|evalmlmethod|hascolumnintable|naivebayes\w*|ai[a-z]+|dict(get\w*|has|isin)|joinget\w*"
    r"|addressto\w+|demangle|getserver\w+|getmacro|getclienthttpheader|getmergetreesetting|tcpport|serveruuid"
    r"|showcertificate|filesystem\w+|logtrace|trap|zookeeper\w*|chdb|__\w+|mergetreepartinfo|currentrequesturl|eval"
)
_CLAUSES: Final = frozenset({"outfile", "infile"})
_COMPUTED: Final = frozenset({"DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL", "SELECT", "CODEC", "TTL"})
# Its tables are the files of this machine.
_FILES: Final = "default"
_PARAMETER: Final = re.compile(rb"\{\s*(\w+)\s*:\s*Identifier\s*\}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guard:
    """``functions``: names refused wherever they stand; ``table_functions``: refused where a bracket follows.

    ``database`` is the store's own, whose tables readers see through views.
    """

    functions: frozenset[str]
    table_functions: frozenset[str]
    database: str

    @classmethod
    def against(cls, functions: Iterable[str], table_functions: Iterable[str], database: str) -> Guard:
        """The guard against what an engine offers under these names."""
        named = {name.lower() for name in functions}
        return cls(
            frozenset(name for name in named if _FUNCTIONS.fullmatch(name)) | {"file"},
            frozenset(name.lower() for name in table_functions) - _TABLE_FUNCTIONS,
            database.lower(),
        )

    def expect_harmless(self, statement: Statement, params: Mapping[str, str]) -> None:
        """Raise ServerError unless a reader may run ``statement`` with ``params``."""
        if statement.verb not in _VERBS:
            raise denied(f"Readers may only ask: {statement.verb or 'this'} is not a question. Use SELECT.")
        if "\0" in statement.text:
            raise syntax("A statement cannot hold the character 0.")
        found = statement.tokens
        for token, after in zip(found, (*found[1:], None), strict=True):
            self._expect_harmless(token, opens=after is not None and after.text == b"(")
        for name in _PARAMETER.findall(statement.text.encode()):
            for part in params.get(name.decode(), "").split("."):
                self._expect_name(part.strip('`" '))

    def expect_columns(self, structure: str) -> None:
        """Raise ServerError unless ``structure`` is names and types of columns and nothing that is computed."""
        for token in tokens(structure.encode()):
            if token.word in _COMPUTED:
                raise denied(f"The columns of an external table cannot be {token.word}. Name columns and their types.")
            self._expect_harmless(token, opens=False)

    def _expect_harmless(self, token: Token, *, opens: bool) -> None:
        if token.kind == "heredoc" or token.text == b"$":
            raise denied("Readers cannot use $…$. Write text between single quotes.")
        if token.kind == "quoted" and b"\\" in token.text:
            raise denied("Readers cannot use a backslash in a quoted name.")
        name = token.name
        if name is not None:
            self._expect_name(name)
            if opens and name in self.table_functions:
                raise denied(f"Readers may not use the table function {name}: it reaches beyond the tables.")

    def _expect_name(self, name: str) -> None:
        lowered = name.lower()
        if lowered in self.functions or lowered in _CLAUSES:
            raise denied(f"Readers may not use {name}: it reaches beyond the tables.")
        if lowered in (_FILES, self.database):
            raise denied(
                f"Readers cannot read the database {name}. The tables are in the database {VIEWS}: {VIEWS}.cases."
            )
