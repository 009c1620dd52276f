"""What the fold remembers of itself: which version of it made the cases, and what a stop may have cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from store.client import named_query

if TYPE_CHECKING:
    from store.client import Store

FOLD_VERSION: Final = 2
"""Grows with every change of what a case is: cases that an older version folded are folded again."""

Fact = Literal["version", "replacing"]
"""``version``: which version folded the cases. ``replacing``: 1 while rebuilt tables replace the live ones."""


def state(store: Store, fact: Fact) -> int:
    """The last value of ``fact``; 0 when it was never set."""
    rows = store.query("fold/state", name=fact)
    return int(rows[0]["Value"]) if rows else 0


def set_state(store: Store, fact: Fact, value: int) -> None:
    """Remember ``fact``."""
    store.command(named_query("fold/state_set"), name=fact, value=value)


def outdated(store: Store) -> bool:
    """Whether the cases were folded by an older version, and so lack the facts that this one adds."""
    return state(store, "version") < FOLD_VERSION and bool(store.query("fold/any_case"))


def begin(store: Store) -> None:
    """Before the first fold of a process: a store that has no case yet gets this version."""
    if state(store, "version") < FOLD_VERSION and not store.query("fold/any_case"):
        set_state(store, "version", FOLD_VERSION)
