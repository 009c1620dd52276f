"""The business measures that one page shows: those of its flow, then those that name no flow."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from dashboards.api.client import Api, Json

NO_FLOW = "-"
"""Stands for the flow in the addresses of measures that name no flow."""

MOST = 12
"""Maximum number of measures drawn. Each costs a request and a chart."""

_AT_ONCE = 4


def reported(client: Api, chosen: Mapping[str, str]) -> tuple[list[Json], list[Json]]:
    """The answers of the first measures over the window ``chosen``, and the measures beyond ``MOST``."""
    known = [(flow, measure) for flow in (chosen["flow"], NO_FLOW) for measure in client.measures(flow)]
    window = {name: value for name, value in chosen.items() if value and name not in {"flow", "group_by", "compare"}}

    def read(flow: str, measure: Json) -> Json:
        # The API refuses to group by a dimension that the measure does not carry.
        group = {"group_by": chosen["group_by"]} if chosen["group_by"] in measure["dims"] else {}
        which = {"kind": measure["kind"], "unit": measure["unit"]}
        return client.measure(flow, measure["measure"], {**window, **group, **which})

    with ThreadPoolExecutor(_AT_ONCE, "measures") as pool:
        answers = list(pool.map(lambda pair: read(*pair), known[:MOST]))
    return answers, [measure for _, measure in known[MOST:]]
