"""Patterns of a mapping file: a whole text in which * is any text, or /a regular expression/."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def compiled(pattern: str) -> re.Pattern[str]:
    """``/…/`` is searched as it is; anything else must be the whole text, whatever its case."""
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        return re.compile(pattern[1:-1])
    parts = ".*".join(map(re.escape, pattern.split("*")))
    return re.compile(rf"\A{parts}\Z", re.IGNORECASE | re.DOTALL)


def any_of(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text fits one of ``patterns``; remembers texts, since activities come again and again."""
    tests = [compiled(pattern) for pattern in patterns]

    @lru_cache(maxsize=4096)
    def fits(text: str) -> bool:
        return any(test.search(text) for test in tests)

    return fits


def first_of(choices: Iterable[tuple[str, Iterable[str]]]) -> Callable[[str], str]:
    """The key of the first of ``choices`` whose patterns a text fits; '' for none."""
    tests = [(key, any_of(patterns)) for key, patterns in choices]

    @lru_cache(maxsize=4096)
    def choose(text: str) -> str:
        return next((key for key, fits in tests if fits(text)), "")

    return choose
