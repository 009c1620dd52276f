"""Patterns of a policy, in RE2's syntax: no look-around, no back-references, and linear time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import re2

if TYPE_CHECKING:
    from collections.abc import Iterable

PatternError: Final = re2.error

# Bytes for the automaton of all patterns together; RE2 falls back to a slower way beyond it.
_AUTOMATON_BYTES: Final = 64 << 20
# A class in brackets, an escape, an anchor; anything else stays as it is.
_PIECE: Final = re.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|\\.|[\^$]", re.DOTALL)
_ASSERTIONS: Final = frozenset({"^", "$", "\\b", "\\B", "\\A", "\\z"})


def compiled(pattern: str) -> Any:
    """``pattern`` ready to search in; raises PatternError, whose text says what is wrong."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _AUTOMATON_BYTES
    return re2.compile(pattern, options)


def any_of(patterns: Iterable[str]) -> Any:
    """A pattern that finds the first match of any of ``patterns``."""
    return compiled("|".join(f"(?:{pattern})" for pattern in patterns))


def glob(name: str) -> str:
    """The pattern of a whole attribute name in which * stands for any text and ? for one character."""
    return rf"\A(?s:{_translated(name)})\z"


def glob_anywhere(name: str) -> str:
    """A pattern that matches wherever such a name occurs."""
    return _translated(name.strip("*"))


def loosened(pattern: str) -> str:
    """``pattern`` without anchors and word boundaries. It matches wherever ``pattern`` does, and perhaps elsewhere."""
    return _PIECE.sub(lambda piece: "(?:)" if piece[0] in _ASSERTIONS else piece[0], pattern)


def _translated(name: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in name)
