"""The five logs of travel expenses: where they lie, and an own reader of them that shares nothing with the importer."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log. ``system`` names its mapping, ``case`` the attribute of its events with the case's id."""

    file: str
    system: str
    flow: str
    case: str
    resource: str = "org:resource"


DOMESTIC: Final = LogFile("DomesticDeclarations.xes.gz", "domestic", "domestic-declaration", "(case)_id")
INTERNATIONAL: Final = LogFile(
    "InternationalDeclarations.xes.gz", "international", "international-declaration", "(case)_id", "Resource"
)
PERMITS: Final = LogFile("PermitLog.xes.gz", "permits", "travel-permit", "(case)_id")
PREPAID: Final = LogFile("PrepaidTravelCost.xes.gz", "prepaid", "prepaid-cost", "(case)_Rfp_id")
REQUESTS: Final = LogFile("RequestForPayment.xes.gz", "requests", "payment-request", "(case)_Rfp_id")
LOGS: Final = (DOMESTIC, INTERNATIONAL, PERMITS, PREPAID, REQUESTS)

DECLARATION_IDS: Final = "(case)_dec_id_"
REQUEST_IDS: Final = "(case)_Rfp_id_"


def read_events(path: Path) -> pd.DataFrame:
    """One row per event, in the order of the file.

    ``case`` numbers the traces; ``at`` is the time in UTC; every attribute of an event is a column under its key.
    """
    rows: list[dict[str, Any]] = []
    traces = 0
    event: dict[str, Any] | None = None
    with gzip.open(path) as file:
        for happening, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 - files of one's own choice
            tag = element.tag.rpartition("}")[2]
            if happening == "start":
                traces += tag == "trace"
                event = {"case": traces} if tag == "event" else event
            elif tag == "event" and event is not None:
                rows.append(event)
                event = None
                element.clear()
            elif tag == "trace":
                element.clear()
            elif event is not None and element.get("key"):
                event[str(element.get("key"))] = element.get("value")
    found = pd.DataFrame(rows)
    return found.assign(
        at=pd.to_datetime(found["time:timestamp"], utc=True, format="ISO8601"), activity=found["concept:name"]
    )
