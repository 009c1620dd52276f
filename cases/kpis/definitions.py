"""All KPIs, read from ``catalogue/`` once. docs/kpis.md explains them at length.

A change of meaning is a new version: raise ``version`` and say in docs/kpis.md what changed.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

import yaml

from cases.errors import NotFound
from cases.kpis.definition import Definition, load

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

KPIS: Final = (
    "touchless-rate",
    "automated-events",
    "manual-to-automated",
    "time-to-fulfil",
    "errors-per-1000",
    "retries",
    "first-time-right",
    "rework-rate",
    "exceptions",
    "value-at-risk",
    "escalations",
    "sla-attainment",
    "onboarding",
    "duplicate-effects",
)
"""In the order of their answers."""


def _read(kpi: str) -> Definition:
    catalogue: Traversable = resources.files("cases").joinpath("kpis", "catalogue")
    words = yaml.safe_load(catalogue.joinpath(f"{kpi}.yaml").read_text(encoding="utf-8"))
    # <kpi>.sql is the rows of the KPI, <kpi>.<name>.sql further rows.
    texts = {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in catalogue.iterdir()
        if file.name.endswith(".sql") and file.name.split(".")[0] == kpi
    }
    more = {name.removeprefix(f"{kpi}."): text for name, text in texts.items() if name != kpi}
    return load(kpi, words, texts[kpi], more)


DEFINITIONS: Final[dict[str, Definition]] = {kpi: _read(kpi) for kpi in KPIS}


def definition_of(kpi: str) -> Definition:
    """The KPI ``kpi``. Raises NotFound."""
    if kpi not in DEFINITIONS:
        raise NotFound(f"There is no KPI {kpi!r}.", f"Use one of: {', '.join(DEFINITIONS)}.")
    return DEFINITIONS[kpi]
