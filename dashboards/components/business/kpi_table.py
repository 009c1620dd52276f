"""The figures of a KPI over the whole window, one row per group. Each cell links to the cases it is about."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import urls
from dashboards.figures.buckets import Answer, Point
from dashboards.wording import formats, kpi_values


def kpi_table(answer: Answer, *, open_: bool = False) -> Any:
    """Collapsed unless ``open_``, because the chart shows most of it."""
    if not answer["totals"]:
        return None
    names = list(dict.fromkeys(name for point in answer["totals"] for name in point["group"]))
    numbers = ["cases", "in flight", *(entry["title"] for entry in answer["measures"])]
    return html.Details(
        [
            html.Summary("Table of the whole window"),
            html.Div(
                html.Table(
                    [
                        html.Thead(
                            html.Tr(
                                [html.Th(name.replace("_", " "), scope="col") for name in names]
                                + [html.Th(name, scope="col", className="number") for name in numbers]
                            )
                        ),
                        html.Tbody([_row(answer, point, names) for point in answer["totals"]]),
                    ],
                    className="table",
                ),
                className="scroll",
                tabIndex=0,
                role="group",
                **{"aria-label": f"{answer['title']}: table"},
            ),
        ],
        className="kpi-table",
        open=open_,
    )


def _row(answer: Answer, point: Point, names: Sequence[str]) -> Any:
    """The column "cases" links to all cases of the row, the others to a band of them."""

    def cell(text: str, band: str = "") -> Any:
        address = urls.cases_of(point.get("cases_url"), band) if text != formats.NONE else None
        return html.Td(dcc.Link(text, href=address) if address else text, className="number")

    groups = [html.Th(_group(point["group"], name), scope="row") for name in names]
    counts = [cell(formats.count(point["n"])), cell(formats.count(point["in_flight_n"]), "in_flight")]
    ids = [entry["id"] for entry in answer["measures"]]
    return html.Tr(
        groups
        + counts
        + [cell(kpi_values.value(answer, point, measure), kpi_values.band(answer, measure)) for measure in ids]
    )


def _group(group: Mapping[str, str], name: str) -> str:
    return (group[name] or "not set") if name in group else "all"
