"""The store's Kaplan-Meier quantiles against those of lifelines, which knows nothing of ours."""

import itertools
import random
import warnings
from importlib import import_module

import pytest

from cases.kpis import KpiQuery, Window, answer
from tests.cases.kpis.records import DAY, SECOND, Case, at, insert

NOW = at("2026-11-01")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def lifelines():
    """It brings plotting, scipy and autograd along, which warn at import and take seconds: not in every process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("lifelines"), import_module("lifelines.utils")


@pytest.mark.parametrize("seed", range(8))
def test_quantiles_are_those_of_lifelines(kpi_store, lifelines, seed):
    """Whole seconds with many ties; lifelines computes in floating point, so sizes at which it cannot hit a share."""
    dice = random.Random(seed)
    size, share_open = dice.choice([7, 101, 1_001]), dice.choice([0.0, 0.2, 0.6])
    seconds = [dice.randint(1, 300) for _ in range(size)]
    over = [dice.random() >= share_open for _ in range(size)]
    flow = f"lifelines-{next(_numbers)}"
    cases = [
        # A case in flight began as many seconds ago as it was followed.
        Case(f"c{n}", NOW - took * SECOND, None) if not ended else Case(f"c{n}", NOW - DAY, NOW - DAY + took * SECOND)
        for n, (took, ended) in enumerate(zip(seconds, over, strict=True))
    ]
    insert(kpi_store, flow, *cases)
    query = KpiQuery(Window(NOW - 2 * DAY, NOW + DAY, "UTC", "none"), NOW)
    point = answer(kpi_store, "default", flow, "time-to-fulfil", query).totals[0]
    fitters, utils = lifelines
    curve = fitters.KaplanMeierFitter().fit(seconds, over).survival_function_
    for measure, share in (("km_median_s", 0.5), ("km_p90_s", 0.1)):
        expected = utils.qth_survival_times(share, curve)
        if expected == float("inf"):
            assert point.values[measure] is None
            assert point.bounds[measure] == max(seconds)
        else:
            assert point.values[measure] == expected
