"""The text of a canonical statement: what it names, and what stands at its end.

In a statement as the engine writes it nothing is ambiguous. Texts stand between single quotes, names that are more than
a word between back-quotes, both with backslashes. There are no comments, and outside of quotes there is nothing but
ASCII. Whatever is not so is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store_server.errors import denied, refusal, syntax

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)
_OUTSIDE: Final = re.compile(r"[\w ()\[\]{},.:+\-*/%=<>!?^|&'`]*", re.ASCII)
_NAME: Final = re.compile(
    r"\{\w+:(?:[^{}'`]|'(?:[^'\\]|\\.)*')*\}"  # a parameter with its type
    r"|'(?:[^'\\]|\\.)*'"
    r"|`(?P<quoted>(?:[^`\\]|\\.)*)`(?P<quoted_opens>\(?)"
    r"|(?P<word>[A-Za-z_]\w*)(?P<word_opens>\(?)",
    re.ASCII | re.DOTALL,
)
_IDENTIFIER: Final = re.compile(r"\{(\w+):Identifier\}", re.ASCII)
_VALUE: Final = r"(?:'x*'|-?[\w.]+|\{(?:'x*':'x*'(?:, ?)?)*\})"
_CLAUSE: Final = re.compile(
    rf"SETTINGS (?P<pairs>\w+ = {_VALUE}(?:, \w+ = {_VALUE})*)|FORMAT (?P<format>\w+)", re.ASCII
)
_TAIL: Final = re.compile(r"(?<= )(?:SETTINGS|FORMAT) ")
_PAIR: Final = re.compile(rf"(\w+) = ({_VALUE})", re.ASCII)
_NESTED: Final = re.compile(r"\bSETTINGS \w+ =", re.ASCII)
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "0": "\0"}


@dataclass(frozen=True, slots=True)
class Name:
    """A word or a quoted name; ``opens``: a bracket follows, as it does after a function."""

    text: str
    quoted: bool
    opens: bool


def expect_plain(text: str) -> str:
    """``text`` with what stands between quotes blotted out, character by character.

    Raises ServerError for whatever no canonical statement holds outside of quotes.
    """
    mask = _QUOTED.sub(lambda match: f"{match[0][0]}{'x' * (len(match[0]) - 2)}{match[0][0]}", text)
    if not _OUTSIDE.fullmatch(mask) or "--" in mask or "/*" in mask:
        raise syntax("The statement holds a character that readers cannot use outside of quotes.")
    return mask


def names(text: str) -> set[Name]:
    """All names of a canonical statement, keywords and parts of names among them, each once."""
    # One by one, and not by findall(), during which no other thread of Python runs.
    matches = {match.groups() for match in _NAME.finditer(text)}
    return {
        Name(quoted or word, bool(quoted), bool(quoted_opens or word_opens))
        for quoted, quoted_opens, word, word_opens in matches
        if quoted or word
    }


def without_tail(text: str) -> tuple[str, str | None, dict[str, str]]:
    """The statement without ``SETTINGS …`` and ``FORMAT …`` at its end, the format, and the settings.

    Raises ServerError if SETTINGS stand anywhere else.
    """
    mask = expect_plain(text)
    begin, clauses = _clauses(mask)
    if _NESTED.search(mask, 0, begin):
        raise denied("Readers can write SETTINGS at the end of a statement only.")
    formats = [clause["format"] for clause in clauses if clause["format"]]
    settings = {
        pair[1]: text[slice(*pair.span(2))]
        for clause in clauses
        if clause["pairs"]
        for pair in _PAIR.finditer(mask, *clause.span("pairs"))
    }
    return text[:begin].rstrip(" "), formats[-1] if formats else None, settings


def _clauses(mask: str) -> tuple[int, list[re.Match[str]]]:
    """Where the clauses at the end begin, and each of them."""
    depth = counted = 0
    for start in _TAIL.finditer(mask):
        depth += mask.count("(", counted, start.start()) - mask.count(")", counted, start.start())
        counted = start.start()
        if depth == 0 and (clauses := _all_clauses(mask, counted)):
            return counted, clauses
    return len(mask), []


def _all_clauses(mask: str, at: int) -> list[re.Match[str]]:
    """The clauses from ``at`` to the end; none if anything else stands there."""
    clauses = []
    while at < len(mask):
        clause = _CLAUSE.match(mask, at)
        if clause is None or (clause.end() < len(mask) and mask[clause.end()] != " "):
            return []
        clauses.append(clause)
        at = clause.end() + 1
    return clauses


def with_identifiers(text: str, params: Mapping[str, str]) -> str:
    """The statement with names in the place of its parameters of the type Identifier.

    As the engine does, a value is one name, dots and all.
    """
    mask = expect_plain(text)
    pieces, at = [], 0
    for match in _IDENTIFIER.finditer(mask):
        if match[1] not in params:
            raise refusal(456, "UNKNOWN_QUERY_PARAMETER", f"Substitution `{match[1]}` is not set.")
        pieces += [text[at : match.start()], quoted_name(params[match[1]])]
        at = match.end()
    return "".join((*pieces, text[at:]))


def quoted_name(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def unquoted(value: str) -> str:
    """The value of a setting: a text without its quotes and escapes; anything else as it is."""
    if not value.startswith("'"):
        return value
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), value[1:-1], flags=re.DOTALL)


def assignments(text: str) -> dict[str, str]:
    """What a canonical SET sets. Raises ServerError for DEFAULT and whatever else is no value."""
    mask = expect_plain(text)
    if not _CLAUSE.fullmatch(f"SETTINGS {mask.removeprefix('SET ')}") or re.search(r" = DEFAULT\b", mask):
        raise denied("Readers can SET a setting to a number or a text.")
    return {pair[1]: text[slice(*pair.span(2))] for pair in _PAIR.finditer(mask)}
