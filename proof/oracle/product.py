"""The same figures as the product tells them: logs imported by its command, figures asked of its API."""

from __future__ import annotations

import io
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pandas as pd

from proof.oracle.figures import declaration_figures
from proof.oracle.logs import DOMESTIC, INTERNATIONAL, LOGS, PERMITS, PREPAID
from tests.e2e.running import FLOWTRAIL, Flowtrail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.oracle.figures import Figures, Value
    from proof.oracle.logs import LogFile

_HERE: Final = Path(__file__).parent
_WIDE: Final = {"from": "2000-01-01", "to": "2050-01-01", "tz": "UTC", "interval": "none"}
JOINED: Final = "travel"
_SETTINGS: Final = {"FLOWTRAIL_FLOWS": str(_HERE / "flows")}
_SEARCHES: Final = 200
"""Of each log that is joined: a search for every id would take longer than all else."""

_SEARCHES_AT_ONCE: Final = 4


def bring_in(folder: Path, data: Path) -> str:
    """Import the five logs of ``folder`` into an empty ``data``, each as a flow, and joined; what the command said."""
    jobs = [(log.file, log.system) for log in LOGS]
    jobs += [(log.file, f"joined_{log.system}") for log in (PERMITS, INTERNATIONAL, PREPAID)]
    words = [f"{folder / file}={_HERE / 'maps' / name}.yaml" for file, name in jobs]
    command = [str(FLOWTRAIL), "import", "--data", str(data), *words]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **_SETTINGS, **_FREE_PORTS}
    )
    if done.returncode:
        raise RuntimeError(f"flowtrail import ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


_FREE_PORTS: Final = {f"FLOWTRAIL_{name}PORT": "0" for name in ("", "OTLP_HTTP_", "OTLP_GRPC_")}


@contextmanager
def running(data: Path) -> Iterator[Product]:
    """The product over ``data``, by its ports."""
    with (
        Flowtrail(data, settings=_SETTINGS) as flowtrail,
        httpx.Client(base_url=f"{flowtrail.web}/api/v1", timeout=300) as client,
    ):
        yield Product(client)


class Product:
    """What the API answers. Figures that no question of it gives are counted in the events it exports."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._exported: dict[str, pd.DataFrame] = {}

    def figures(self) -> Figures:
        """Every figure of the five logs and of their join."""
        found: Figures = {}
        for log in LOGS:
            found |= {(log.system, name): value for name, value in self._of_log(log).items()}
        return found | {("joined", name): value for name, value in self._joined().items()}

    def _of_log(self, log: LogFile) -> dict[str, Value]:
        events = self.exported(log.flow)
        cases = events.groupby("case_id", sort=False)
        ways = cases["flow.step"].agg(tuple)
        hours = (cases["end"].max() - cases["start"].min()).map(lambda time: Fraction(time.value, 3600 * 10**9))
        paid = cases["flow.case.outcome"].agg(lambda told: "paid" in set(told))
        automated = self.kpi(log.flow, "automated-events")[None]
        right = self.kpi(log.flow, "first-time-right")[None]
        times = self.kpi(log.flow, "time-to-fulfil", group_by="ending")
        found: dict[str, Value] = {
            "cases": self._cases_of(log.flow),
            "events": automated["events"],
            "variants": ways.nunique(),
            "activities": events["flow.step"].nunique(),
            "median hours, all": _median_hours(times[None]),
            "paid cases": right["n"],
            "median hours, paid": _median_hours(times["paid"]),
            "mean hours": sum(hours, Fraction()) / len(hours),
            "cases with a rejection": int((events["flow.action"] == "reject").groupby(events["case_id"]).any().sum()),
            "cases with a repeated activity": self.kpi(log.flow, "rework-rate")[None]["reworked_n"],
            "paid cases, first time right": right["first_time_right_n"],
            "events by SYSTEM": automated["service_events"],
            "events by STAFF MEMBER": automated["human_events"],
        }
        if log in {DOMESTIC, INTERNATIONAL}:
            found |= declaration_figures(ways, paid)
        return found

    def _joined(self) -> dict[str, Value]:
        events = self.exported(JOINED)
        named = _refs(self.exported(PERMITS.flow))
        found: dict[str, Value] = {
            "cases": self._cases_of(JOINED),
            "events in cases of permits": self.kpi(JOINED, "automated-events")[None]["events"],
        }
        for log in (INTERNATIONAL, PREPAID):
            ids = sorted({str(name) for name in self.exported(log.flow)["case_id"].unique()})
            both = named.intersection(ids)
            found[f"ids of permits and {log.system}"] = len(both)
            found[f"ids only of {log.system}"] = len(ids) - len(both)
            found[f"ids of {log.system} that search tells otherwise"] = self._told_otherwise(log, ids, both)
            joined = events[events["service.name"] == log.system]
            found[f"permits with events of {log.system}"] = joined["case_id"].nunique()
        return found

    def _told_otherwise(self, log: LogFile, ids: list[str], both: set[str]) -> int:
        """Of ids evenly out of all, how many search does not find in just the flows that have them."""
        asked = ids[:: max(len(ids) // _SEARCHES, 1)]
        expected = [{log.flow, PERMITS.flow} if one in both else {log.flow} for one in asked]
        flows = [found & {log.flow, PERMITS.flow} for found in self.flows_with(asked)]
        return sum(told != right for told, right in zip(flows, expected, strict=True))

    def exported(self, flow: str) -> pd.DataFrame:
        """The events of every case of ``flow``, as the API exports them: times in UTC, each case's in their order."""
        if flow not in self._exported:
            text = self._get(f"/flows/{flow}/export", format="csv", **_WIDE).text
            found = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
            times = {name: pd.to_datetime(found[name], utc=True, format="ISO8601") for name in ("start", "end")}
            self._exported[flow] = found.assign(**times)
        return self._exported[flow]

    def kpi(self, flow: str, name: str, group_by: str = "") -> dict[str | None, dict[str, Any]]:
        """The totals of a KPI over all time, by the value of the group (None is everything), with their n."""
        answer = self._get(f"/flows/{flow}/kpis/{name}", **_WIDE, **({"group_by": group_by} if group_by else {})).json()
        return {
            total["group"].get(group_by): total["values"] | {"n": total["n"]}
            for total in answer["totals"]
            if set(total["group"]) <= {group_by}
        }

    def flows_with(self, ids: list[str]) -> list[set[str]]:
        """For each id the flows in which search finds a case by it."""
        with ThreadPoolExecutor(_SEARCHES_AT_ONCE) as pool:
            return list(pool.map(self._flows_with, ids))

    def _flows_with(self, one: str) -> set[str]:
        return {hit["flow"] for hit in self._get("/search", q=one).json()["results"]}

    def _cases_of(self, flow: str) -> int:
        [cases] = [one["cases"] for one in self._get("/flows").json()["flows"] if one["name"] == flow]
        return int(cases)

    def _get(self, path: str, **params: str) -> httpx.Response:
        answer = self._client.get(path, params=params)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{path} answers {answer.status_code}: {answer.text[:500]}")
        return answer


def _refs(events: pd.DataFrame) -> set[str]:
    """Every id that ``events`` name besides their own case's: one, or several as a JSON array."""
    columns = [name for name in events if name.startswith("flow.ref.")]
    texts = {text for name in columns for text in events[name].unique() if text}
    return {one for text in texts for one in (json.loads(text) if text.startswith("[") else [text])}


def _median_hours(values: dict[str, Any]) -> Fraction:
    """The middle, or the mean of the two middle ones.

    Of cases that have all ended, Kaplan-Meier takes the lower of the two and the plain median the upper one.
    """
    return (Fraction(str(values["km_median_s"])) + Fraction(str(values["plain_median_s"]))) / 2 / 3600
