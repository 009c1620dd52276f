"""The types of the fields in a flow file, each with its check."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from cases.flows.declarations.duration import seconds_of
from cases.flows.declarations.hours import stretches_of, week_of, weekdays_of
from cases.identifier import RESERVED_TYPES

_TYPE: Final = re.compile(r"[A-Za-z0-9_-]+")


def _duration(text: str) -> str:
    seconds_of(text)
    return text


def _id_type(name: str) -> str:
    if not _TYPE.fullmatch(name) or name in RESERVED_TYPES:
        raise ValueError(
            f"{name!r} is not a name for an id type; "
            f"use letters, digits, _ and -, and none of {', '.join(RESERVED_TYPES)}"
        )
    return name


def _path(text: str) -> str:
    types = [_id_type(part.strip()) for part in text.split(">")]
    if len(types) < 2:
        raise ValueError(f"{text!r} has only one type; write at least two, such as order > item > package")
    return " > ".join(types)


_zones = cache(available_timezones)


def _zone(name: str) -> str:
    known = _zones()
    if name not in known:
        near = sorted(zone for zone in known if zone.lower().endswith(f"/{name.lower()}"))
        raise ValueError(f"{name!r} is not a time zone; take a name like {near[0] if near else 'Europe/Berlin'} or UTC")
    return name


def _hours(hours: dict[str, str]) -> dict[str, str]:
    for days, text in hours.items():
        weekdays_of(days)
        stretches_of(text)
    week_of(hours)
    return hours


def _distinct(names: list[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)}: named twice")
    return names


Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1000, pattern=r"\S")]
IdType = Annotated[Text, AfterValidator(_id_type)]
Path = Annotated[Text, AfterValidator(_path)]
Zone = Annotated[Text, AfterValidator(_zone)]
Hours = Annotated[dict[Text, Text], AfterValidator(_hours)]
Names = Annotated[list[Text], AfterValidator(_distinct)]
Duration = Annotated[
    Text,
    AfterValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^(P[0-9WDTHMS]+|([0-9]+[wdhms]\s*)+)$", "examples": ["4h", "5d"]}),
]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$")]
