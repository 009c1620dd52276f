"""Hubs: ids to which more ids lead than their flow allows, such as a customer's number on every order.

A hub merges nothing: no case reaches it, nor anything through it. When an id becomes one, what cases had reached
through it is taken back, so that the result is the one of any other order of arrival.
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
_DELETED: Final = {"lightweight_deletes_sync": 2, "allow_nondeterministic_mutations": 1}


@dataclass(frozen=True, slots=True)
class Hub:
    """``sources``: distinct ids that lead to it. ``since``: when the fold found that they are too many (UTC)."""

    id_type: str
    id_value: str
    sources: int
    since: datetime


def hubs(store: Store, tenant: str, flow: str, limit: int = MAX_HUBS) -> tuple[Hub, ...]:
    """The hubs of ``flow``, those to which most ids lead first."""
    rows = store.query("hubs/all", tenant=tenant, flow=flow, limit=limit)
    return tuple(Hub(row["IdType"], row["IdValue"], row["Sources"], row["Since"]) for row in rows)


def new_hubs(store: Store, params: Mapping[str, Any], limit: int, *, again: bool) -> bool:
    """Whether the batches in ``params`` turned ids into hubs, or a run that was cut short (``again``) did; keeps them.

    ``limit``: the least of all flows.
    """
    if store.query("hubs/suspects", least_limit=limit, **params):
        store.command(named_query("fold/2_hubs"), default_limit=HUB_LIMIT, **params)
    elif not again:
        return False
    return bool(store.query("hubs/unsettled", **params))


def touch_hubs(store: Store, fold: str, params: Mapping[str, Any]) -> None:
    """Fold with ``fold`` every case that had reached a new hub, and see who shares what hung from it."""
    store.command(named_query("hubs/touched"), **{**params, "fold": fold})
    store.command(named_query("hubs/followed"), **{**params, "fold": fold})


def cut_reach(store: Store, fold: str, params: Mapping[str, Any]) -> None:
    """Take back what the cases of ``fold`` reach no longer. In this order it can be repeated after a stop."""
    if store.query("hubs/reach_lost", **{**params, "fold": fold}):
        for table in (params["reach"], params["reach_by_case"]):
            store.command(named_query("hubs/reach_cut"), _DELETED, **{**params, "fold": fold, "table": table})
