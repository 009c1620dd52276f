"""Hubs: ids to which more ids lead than their flow allows, such as a customer's number on every order.

No case reaches a hub, nor anything through it. When an id becomes a hub, what cases had reached through it is taken
back: the result is the same for every order of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cases.flows.declarations.declaration import HUB_LIMIT
from store.client import named_query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from store.client import Store

MAX_HUBS: Final = 1_000
# Deletes wait until every replica has deleted. ClickHouse calls a subquery in a delete nondeterministic.
_DELETED: Final = {"lightweight_deletes_sync": 2, "allow_nondeterministic_mutations": 1}


@dataclass(frozen=True, slots=True)
class Hub:
    """``sources``: how many distinct ids lead to it. ``since``: when the fold saw that they are too many (UTC)."""

    id_type: str
    id_value: str
    sources: int
    since: datetime


def hubs(store: Store, tenant: str, flow: str, limit: int = MAX_HUBS) -> tuple[Hub, ...]:
    """The hubs of ``flow``, those to which most ids lead first."""
    rows = store.query("hubs/all", tenant=tenant, flow=flow, limit=limit)
    return tuple(Hub(row["IdType"], row["IdValue"], row["Sources"], row["Since"]) for row in rows)


def new_hubs(store: Store, params: Mapping[str, Any], limit: int, *, again: bool) -> bool:
    """Record the ids that the batches in ``params`` turned into hubs; whether any hub is not settled yet.

    ``limit``: the lowest of all flows. ``again``: a run that was cut short may have left hubs unsettled.
    """
    if store.query("hubs/suspects", least_limit=limit, **params):
        store.command(named_query("fold/2_hubs"), default_limit=HUB_LIMIT, **params)
    elif not again:
        return False
    return bool(store.query("hubs/unsettled", **params))


def touch_hubs(store: Store, run: str, params: Mapping[str, Any]) -> None:
    """Add to ``run`` every case that had reached a new hub, and follow the hub to learn which events were shared."""
    store.command(named_query("hubs/touched"), **{**params, "run": run})
    store.command(named_query("hubs/followed"), **{**params, "run": run})


def cut_reach(store: Store, run: str, params: Mapping[str, Any]) -> None:
    """Delete what the cases of ``run`` no longer reach."""
    if store.query("hubs/reach_lost", **{**params, "run": run}):
        # reach_by_case last: it says what is to be deleted, so that a stop in between can be repeated.
        for table in (params["reach"], params["reach_by_case"]):
            store.command(named_query("hubs/reach_cut"), _DELETED, **{**params, "run": run, "table": table})
