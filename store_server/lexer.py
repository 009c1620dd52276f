"""The words of an owner's statement, much as ClickHouse's own lexer (src/Parsers/Lexer.cpp) tells them apart.

It finds out where the rows of an INSERT begin. What readers may do does not rest on it: see ``parser``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(
    rb"""
      (?P<blank>\s+|--[^\n]*|\#[\x20!][^\n]*|/\*.*?\*/)
    | (?P<string>'(?:[^'\\]|\\.|'')*')
    | (?P<quoted>`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*")
    | (?P<heredoc>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<word>[A-Za-z_][\w$]*)
    | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: string, quoted (an identifier), heredoc, word or sign. ``depth``: brackets open around it."""

    kind: str
    text: bytes
    start: int
    end: int
    depth: int

    @property
    def word(self) -> str:
        """Its text in capitals, to compare keywords."""
        return self.text.decode(errors="replace").upper()


def tokens(body: bytes) -> Iterator[Token]:
    """The tokens of ``body`` without blanks and comments, one by one: what follows may be megabytes of data."""
    depth = 0
    for match in _TOKEN.finditer(body):
        kind = match.lastgroup or "sign"
        if kind == "blank":
            continue
        text = match[0]
        depth -= text in (b")", b"]", b"}")
        yield Token("heredoc" if kind == "tag" else kind, text, match.start(), match.end(), depth)
        depth += text in (b"(", b"[", b"{")
