"""What a ClickHouse server must know of a statement before it runs it: its verb, its format, where the data begin.

The HTTP interface sends ``INSERT … FORMAT Native`` and the bytes to insert as one body (or the statement as ``query``
in the address and the bytes as the body); the embedded engine reads such bytes from a file only, so they are split.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    rb"""
      (?P<blank>\s+|--[^\n]*|\#[\x20!][^\n]*|/\*.*?\*/)
    | (?P<quoted>'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DATA_START: Final = re.compile(rb"[ \t\f]*(?:\r?\n)?")
_ANSWERING: Final = frozenset({"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK", "FROM", "("})


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

    def reading(self, path: str) -> str:
        """The same INSERT, its rows read from the file at ``path``."""
        return f"{self.text[: self.infile_at]} FROM INFILE '{path}' {self.text[self.infile_at :]}"


@dataclass(frozen=True)
class _Token:
    text: bytes
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        return self.text.decode(errors="replace").upper()


def parse(body: bytes) -> Statement:
    """The statement at the start of ``body`` and the data after it. Raises StatementError when there are several."""
    tokens: list[_Token] = []
    for token in _tokens(body):
        if _begins_values(tokens, token):
            return Statement("INSERT", body.decode())
        if _names_input_format(tokens, token):
            return _insert(body, tokens, token)
        tokens.append(token)
    _refuse_several(tokens)
    verb = tokens[0].word if tokens else ""
    return Statement(verb, body.decode(), format=_output_format(tokens))


def _tokens(body: bytes) -> Iterator[_Token]:
    depth = 0
    for match in _TOKEN.finditer(body):
        if match["blank"] is not None:
            continue
        text = match[0]
        depth -= text in (b")", b"]", b"}")
        yield _Token(text, match.start(), match.end(), depth)
        depth += text in (b"(", b"[", b"{")


def _is_plain_insert(tokens: list[_Token]) -> bool:
    if not tokens or tokens[0].word != "INSERT":
        return False
    words = [token.word for token in tokens if token.depth == 0]
    if "INFILE" in words:
        raise StatementError("A server cannot read FROM INFILE: it is the client's file.")
    return "SELECT" not in words and "WITH" not in words


def _begins_values(tokens: list[_Token], token: _Token) -> bool:
    return token.depth == 0 and token.word == "VALUES" and _is_plain_insert(tokens) and tokens[-1].word != "FORMAT"


def _names_input_format(tokens: list[_Token], token: _Token) -> bool:
    return token.depth == 0 and bool(tokens) and tokens[-1].word == "FORMAT" and _is_plain_insert(tokens)


def _insert(body: bytes, tokens: list[_Token], name: _Token) -> Statement:
    start = _DATA_START.match(body, name.end)
    data = body[start.end() if start else name.end :]
    clause = next(token for token in tokens if token.depth == 0 and token.word in ("SETTINGS", "FORMAT"))
    text = body[: name.end].decode()
    return Statement("INSERT", text, data=data, infile_at=len(body[: clause.start].decode()))


def _output_format(tokens: list[_Token]) -> str | None:
    tail = [token for token in tokens if token.text != b";"][-2:]
    if len(tail) == 2 and tail[0].word == "FORMAT":
        return tail[1].text.decode()
    return None


def _refuse_several(tokens: list[_Token]) -> None:
    texts = [token.text for token in tokens]
    if b";" in texts and any(text != b";" for text in texts[texts.index(b";") :]):
        raise StatementError("Multi-statements are not allowed.")
