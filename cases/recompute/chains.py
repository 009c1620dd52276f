"""What follows from the order of the attempts at one step with one object: repeats, exceptions, duplicate effects."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

Event = dict[str, Any]

_QUOTED: Final = re.compile(r'"[^"]*"')
_APOSTROPHES: Final = re.compile(r"(^|[^A-Za-z0-9_])'[^']*'")
_WITH_DIGIT: Final = re.compile(r"[A-Za-z0-9_-]*[0-9][A-Za-z0-9_.,:-]*")
_HEXADECIMAL: Final = re.compile(r"\b[a-fA-F]{8,}\b", re.ASCII)
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_MESSAGE_LENGTH: Final = 1000


@dataclass(slots=True)
class Story:
    """What the chains of one case come to. Tuples have the order of the columns of ``cases``."""

    repeats: int = 0
    exceptions: list[tuple[Any, ...]] = field(default_factory=list)
    approvals: list[tuple[Any, ...]] = field(default_factory=list)
    duplicates: list[tuple[Any, ...]] = field(default_factory=list)


def stories(events: pd.DataFrame, ends: Sequence[int | None]) -> list[Story]:
    """The story of each case; ``events`` in the order of moments, ``ends``: when each case ended."""
    columns = [str(name) for name in events.columns]
    by_case: list[list[Event]] = [[] for _ in ends]
    for row in events.itertuples(index=False, name=None):
        event = dict(zip(columns, row, strict=True))
        by_case[event["Case"]].append(event)
    return [_story(mine, end) for mine, end in zip(by_case, ends, strict=True)]


def _story(events: list[Event], end: int | None) -> Story:
    story = Story()
    worth = [event for event in events if event["Value"] is not None]
    chains: defaultdict[tuple[str, Any], list[Event]] = defaultdict(list)
    for event in events:
        chains[event["Step"], event["Refs"]].append(event)
    for chain in chains.values():
        done = [event for event in chain if event["Done"]]
        story.repeats += max(sum(event["Attempt"] == 1 and not event["Loop"] for event in done) - 1, 0)
        story.exceptions += _exceptions(done, worth, end)
        story.duplicates += _duplicates(done)
    story.exceptions = [exception for _, exception in sorted(story.exceptions)]
    story.approvals = [
        _approval(event)
        for event in sorted(events, key=lambda event: (event["StartNs"], *_moment(event)))
        if event["Kind"] == "approval"
    ]
    story.duplicates = [duplicate for _, duplicate in sorted(story.duplicates)]
    return story


def _moment(event: Event) -> tuple[int, ...]:
    return event["EndNs"], event["StartNs"], event["SpanNumber"], event["TraceNumber"]


def _exceptions(done: list[Event], worth: list[Event], end: int | None) -> Iterator[tuple[Any, ...]]:
    """Each row of failures in which one failed for good, up to the success that ends it."""
    opened: list[Event] = []  # from the failure that opened an exception on
    for event, following in zip_longest(done, done[1:]):
        if not event["Failed"]:
            if opened:
                yield _exception(opened, worth, ("recovered", event["EndNs"]))
            opened = []
        elif opened or _for_good(event, following):
            opened.append(event)
    if opened:
        closed = ("open", None) if end is None else ("ended", max(end, opened[0]["EndNs"]))
        yield _exception(opened, worth, closed)


def _for_good(event: Event, following: Event | None) -> bool:
    if following is None or following["Attempt"] <= event["Attempt"]:
        return True
    return following["ActorType"] == "human" or following["Action"] in {"retry", "resend"}


def _exception(failures: list[Event], worth: list[Event], closed: tuple[str, int | None]) -> tuple[Any, ...]:
    first = failures[0]
    state, closed_at = closed
    known = [event for event in worth if event["EndNs"] <= first["EndNs"]][-1:] or worth[:1]
    value, currency = (int(known[0]["Value"].scaleb(6)), known[0]["ValueCurrency"]) if known else (None, "")
    exception = (
        fingerprint(first), first["Class"], first["ErrorType"], first["Step"], first["System"], object_of(first),
        first["EndNs"], closed_at, state, len(failures), value, currency, first["TraceId"], first["Span"],
    )  # fmt: skip
    return _moment(first), exception


def _approval(event: Event) -> tuple[Any, ...]:
    return (
        event["Step"], event["System"], object_of(event), event["StartNs"], event["DueNs"],
        event["EndNs"] if event["Done"] else None, event["Decision"], event["DecidedBy"], event["EscalateTo"],
        event["OnTimeout"], event["TraceId"], event["Span"],
    )  # fmt: skip


def _duplicates(done: list[Event]) -> Iterator[tuple[Any, ...]]:
    effects: defaultdict[str, list[Event]] = defaultdict(list)
    for event in done:
        if event["IdempotencyKey"] and not event["Failed"]:
            effects[event["IdempotencyKey"]].append(event)
    for key, same in effects.items():
        if len(same) > 1:
            times = [event["EndNs"] for event in same]
            step, thing = same[0]["Step"], object_of(same[0])
            yield (min(times), key, step, thing), (key, step, thing, len(same), min(times), max(times))


def object_of(event: Event) -> str:
    """What a step was done to: the ids that the event itself carries."""
    return ", ".join(f"{kind}:{value}" for kind, value in event["Refs"])


def fingerprint(event: Event) -> str:
    """The same for errors that differ only in numbers, ids and names; no business key is in it."""
    parts: Sequence[str] = (
        "v1", event["Class"], event["CaseFlow"], event["Step"], event["ErrorType"], pattern(event["ErrorMessage"])
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def pattern(message: str) -> str:
    """``message`` without what stands in quotes, words with a digit, and long hexadecimal words."""
    text = _QUOTED.sub("?", message[:_MESSAGE_LENGTH])
    text = _APOSTROPHES.sub(r"\1?", text)
    text = _WITH_DIGIT.sub("?", text)
    text = _HEXADECIMAL.sub("?", text)
    return _BLANKS.sub(" ", text).strip(" ")
