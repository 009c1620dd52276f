"""Filters that a tool adds to a table from outside the statement: Grafana's ad hoc filters.

They come as the setting ``additional_table_filters``, a map of a table's name to a condition. A condition is code. So
each is read, written again and checked like a statement. It may stand beside a view that readers see and nothing else:
beside a table of the store it would be tried on rows before the policies take out those of other tenants.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from store_server.canonical import unquoted
from store_server.errors import denied, refusal
from store_server.views import DATABASE as VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable

SETTING: Final = "additional_table_filters"
_TEXT: Final = r"'(?:[^'\\]|\\.)*'"
_MAP: Final = re.compile(rf"\s*\{{\s*(?:{_TEXT}\s*:\s*{_TEXT}\s*(?:,\s*{_TEXT}\s*:\s*{_TEXT}\s*)*)?\}}\s*", re.DOTALL)
_ENTRY: Final = re.compile(rf"({_TEXT})\s*:\s*({_TEXT})", re.DOTALL)
_MOST: Final = 16


def checked(value: str, views: frozenset[str], canonical: Callable[[str], str]) -> str:
    """The value to set. ``canonical`` writes a condition again and raises ServerError for one that readers cannot have.

    Raises ServerError for a value that is no map, and for tables other than ``views``.
    """
    if not _MAP.fullmatch(value):
        raise refusal(36, "BAD_ARGUMENTS", f"{SETTING} is a map of texts: {{'{VIEWS}.cases': 'Flow = \\'orders\\''}}.")
    entries = [(unquoted(table), unquoted(condition)) for table, condition in _ENTRY.findall(value)]
    if len(entries) > _MOST:
        raise refusal(36, "BAD_ARGUMENTS", f"Readers may filter {_MOST} tables at once.")
    filters = ((_view(table, views), canonical(condition)) for table, condition in entries)
    return "{" + ", ".join(f"{_quoted(table)}: {_quoted(condition)}" for table, condition in filters) + "}"


def _view(name: str, views: frozenset[str]) -> str:
    table = name.replace("`", "").replace('"', "").removeprefix(f"{VIEWS}.")
    if table not in views:
        raise denied(f"Readers can filter the views of {VIEWS}, not {name[:200]}.")
    return f"{VIEWS}.{table}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
