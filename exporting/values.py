"""How values are written in every format: times, lists, numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from flowtrail import conventions as words

LISTS = (words.REF_PREFIX, "flow.link.", words.DATA_READS, words.DATA_WRITES, "ocel.qualifier.", "ocel.link_qualifier.")
"""Words that hold lists; the store has a list as JSON, a single value as it is."""

NUMBERS = frozenset({words.COST_AMOUNT, words.VALUE_AMOUNT, f"{words.APPROVAL_PREFIX}timeout_s"})


def moment(ns: int) -> str:
    """RFC 3339 in UTC, with as many digits as needed: none, or nine."""
    whole = datetime.fromtimestamp(ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{ns % 1_000_000_000:09d}Z" if ns % 1_000_000_000 else f"{whole}Z"


def values_of(text: str) -> list[str]:
    """The values of a word that may hold several."""
    if text.startswith("["):
        try:
            found = orjson.loads(text)
        except ValueError:
            return [text]
        if isinstance(found, list):
            return [str(one) for one in found]
    return [text] if text else []


def number(text: str) -> float | None:
    """A number, None if it is none."""
    try:
        return float(text)
    except ValueError:
        return None
