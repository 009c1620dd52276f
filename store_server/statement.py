"""What must be known of an owner's statement before it runs: its verb, its format, where its data begin.

The HTTP interface takes ``INSERT … FORMAT Native`` and the bytes to insert as one body (or the statement as ``query``
in the address and the bytes as the body); the embedded engine reads such bytes from a file only, so they are split.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from store_server.lexer import Token, tokens

_DATA_START: Final = re.compile(rb"[ \t\f]*(?:\r?\n)?")
_ANSWERING: Final = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK", "FROM", "("})
_SELECTING: Final = frozenset({"SELECT", "WITH", "FROM", "("})


class StatementError(Exception):
    """The statement is one that a ClickHouse server refuses, though the embedded engine would run it."""


@dataclass(frozen=True)
class Statement:
    """One statement. ``data`` is None unless it is an INSERT whose rows follow it in ``input_format``."""

    verb: str
    text: str
    format: str | None = None
    data: bytes | None = None
    infile_at: int = 0

    @property
    def answers(self) -> bool:
        """True if it has a result set, be it empty."""
        return self.verb in _ANSWERING

    @property
    def selects(self) -> bool:
        """True if its rows may be many."""
        return self.verb in _SELECTING

    def reading(self, path: str) -> str:
        """The same INSERT, its rows read from the file at ``path``."""
        return f"{self.text[: self.infile_at]} FROM INFILE '{path}' {self.text[self.infile_at :]}"


def parse(body: bytes, longest: int) -> Statement:
    """The statement at the start of ``body`` and the data after it.

    Raises StatementError when there are several, its text is not UTF-8, or it goes on for more than ``longest`` bytes.
    """
    before: list[Token] = []
    for token in tokens(body):
        if token.start > longest:
            raise StatementError(f"Max query size exceeded: the statement is longer than {longest:,} bytes.")
        if _begins_values(before, token):
            return Statement("INSERT", _text(body))
        if _names_input_format(before, token):
            return _insert(body, before, token)
        before.append(token)
    _refuse_several(before)
    verb = before[0].word if before else ""
    return Statement(verb, _text(body), format=_output_format(before))


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise StatementError("The statement is not UTF-8.") from None


def _is_plain_insert(before: list[Token]) -> bool:
    if not before or before[0].word != "INSERT":
        return False
    words = [token.word for token in before if token.depth == 0]
    if "INFILE" in words:
        raise StatementError("A server cannot read FROM INFILE: it is the client's file.")
    return "SELECT" not in words and "WITH" not in words


def _begins_values(before: list[Token], token: Token) -> bool:
    return token.depth == 0 and token.word == "VALUES" and _is_plain_insert(before) and before[-1].word != "FORMAT"


def _names_input_format(before: list[Token], token: Token) -> bool:
    return token.depth == 0 and bool(before) and before[-1].word == "FORMAT" and _is_plain_insert(before)


def _insert(body: bytes, before: list[Token], name: Token) -> Statement:
    start = _DATA_START.match(body, name.end)
    data = body[start.end() if start else name.end :]
    clause = next(token for token in before if token.depth == 0 and token.word in ("SETTINGS", "FORMAT"))
    return Statement("INSERT", _text(body[: name.end]), data=data, infile_at=len(_text(body[: clause.start])))


def _output_format(statement: list[Token]) -> str | None:
    tail = [token for token in statement if token.text != b";"][-2:]
    if len(tail) == 2 and tail[0].word == "FORMAT":
        return tail[1].text.decode(errors="replace")
    return None


def _refuse_several(statement: list[Token]) -> None:
    texts = [token.text for token in statement]
    if b";" in texts and any(text != b";" for text in texts[texts.index(b";") :]):
        raise StatementError("Multi-statements are not allowed.")
