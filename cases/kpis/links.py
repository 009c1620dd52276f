"""Addresses (URLs) of the cases behind a figure, relative to the server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from cases import instants
from cases.kpis.window import WEEKDAYS

if TYPE_CHECKING:
    from cases.kpis.answer import Group
    from cases.kpis.query import KpiQuery
    from cases.kpis.window import Bucket

PREFIX: Final = "/api/v1"


@dataclass(frozen=True, slots=True)
class Links:
    """Makes the addresses that :class:`cases.kpis.selector.Selector` reads."""

    flow: str
    kpi: str
    query: KpiQuery

    def url(self, bucket: Bucket | None = None, group: Group = (), band: str | None = None) -> str:
        """The cases of ``bucket`` (None: the window) and ``group``; ``band`` narrows them."""
        window = self.query.window
        words = {
            "kpi": self.kpi,
            "from": instants.rfc3339(window.start),
            "to": instants.rfc3339(window.end),
            "tz": window.tz,
            "interval": window.interval,
            "week": WEEKDAYS[window.week_starts - 1].lower(),
            "group_by": self.query.group_by,
            "as_of": instants.rfc3339(self.query.as_of),
            "bucket": instants.rfc3339(bucket.start) if bucket else None,
            "group": json.dumps(dict(group), ensure_ascii=False, separators=(",", ":")) if group else None,
            "band": band,
        }
        present = {name: word for name, word in words.items() if word is not None}
        return f"{PREFIX}/flows/{quote(self.flow, safe='')}/cases?{urlencode(present)}"
