"""The business measures that one page shows: those of its flow, then those of no flow."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from dashboards.api.client import Api, Json

NO_FLOW = "-"
"""How the API calls the measures that name no flow."""

MOST = 12
"""Measures drawn at most: each is a question to the API and a chart."""

_AT_ONCE = 4


def reported(client: Api, chosen: Mapping[str, str]) -> tuple[list[Json], list[Json]]:
    """The answers of the measures that are drawn, over the window ``chosen``, and the measures that are left."""
    known = [(flow, one) for flow in (chosen["flow"], NO_FLOW) for one in client.measures(flow)]
    window = {name: value for name, value in chosen.items() if value and name not in {"flow", "group_by", "compare"}}

    def ask(flow: str, one: Json) -> Json:
        group = {"group_by": chosen["group_by"]} if chosen["group_by"] in one["dims"] else {}
        return client.measure(flow, one["measure"], {**window, **group, "kind": one["kind"], "unit": one["unit"]})

    with ThreadPoolExecutor(_AT_ONCE, "measures") as pool:
        answers = list(pool.map(lambda pair: ask(*pair), known[:MOST]))
    return answers, [one for _, one in known[MOST:]]
