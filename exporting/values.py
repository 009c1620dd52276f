"""How all formats write values: times, lists, numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from flowtrail import conventions as words

LISTS = (words.REF_PREFIX, "flow.link.", words.DATA_READS, words.DATA_WRITES, "ocel.qualifier.", "ocel.link_qualifier.")
"""Prefixes of the attributes that hold lists. The store has a list as JSON and a single value as it is."""

NUMBERS = frozenset({words.COST_AMOUNT, words.VALUE_AMOUNT, f"{words.APPROVAL_PREFIX}timeout_s"})


def moment(ns: int) -> str:
    """RFC 3339 in UTC, with nine digits after the point if there is a fraction."""
    # In whole seconds: a float cannot hold nanoseconds since 1970.
    whole = datetime.fromtimestamp(ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{ns % 1_000_000_000:09d}Z" if ns % 1_000_000_000 else f"{whole}Z"


def values_of(text: str) -> list[str]:
    """The values of an attribute that may hold several."""
    if text.startswith("["):
        try:
            values = orjson.loads(text)
        except ValueError:
            return [text]
        if isinstance(values, list):
            return [str(value) for value in values]
    return [text] if text else []


def number(text: str) -> float | None:
    """The number that ``text`` is; None if it is not a number."""
    try:
        return float(text)
    except ValueError:
        return None
