"""A case in full: its totals, its position, the identifiers it reaches and the cases it shares events with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cases.flows.flows import case_not_found
from cases.money import Money, optional
from cases.parallel import run_both
from cases.trail.facts import Facts, facts_of
from cases.trail.position import Position, position_of
from cases.trail.sharing import MAX_STEPS, ReachedIdentifier, RelatedCase, Sharing, reached, sharing

if TYPE_CHECKING:
    from datetime import datetime

    from cases.identifier import CaseKey
    from store.client import Row, Store


@dataclass(frozen=True, slots=True)
class FailedAttempts:
    """Failed attempts by error class."""

    business: int
    infrastructure: int
    unclassified: int


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """One case as of ``as_of``. Times are UTC.

    ``duration_s`` of a case in flight runs to ``as_of``. Costs are the share of this case, one amount per currency.
    """

    flow: str
    version: str
    case_id: str
    start: datetime
    end: datetime | None
    in_flight: bool
    outcome: str | None
    duration_s: float
    value: Money | None
    dims: dict[str, str]
    now: Position
    touches: int
    unknown_actor_events: int
    events: int
    attempts: int
    failed: FailedAttempts
    retries: int
    facts: Facts
    cost: tuple[Money, ...]
    retry_cost: tuple[Money, ...]
    systems: tuple[str, ...]
    ids: tuple[ReachedIdentifier, ...]
    shared_events: int
    shared_with: tuple[RelatedCase, ...]
    shared_with_truncated: bool
    as_of: datetime


def summary(store: Store, tenant: str, key: CaseKey, as_of: datetime) -> CaseSummary:
    """The case ``key`` as of ``as_of``. Raises NotFound."""
    ids = reached(store, tenant, key)
    row, joint = run_both(
        lambda: case_row(store, tenant, key),
        lambda: store.query("cases/joint", tenant=tenant, flow=key[0], keys=ids, limit=MAX_STEPS),
    )
    return summary_of(row, sharing(store, tenant, key, ids, joint), as_of)


def case_row(store: Store, tenant: str, key: CaseKey) -> Row:
    """The row of ``cases`` for ``key``. Raises NotFound, which names cases with a similar id."""
    rows = store.query("cases/summary", tenant=tenant, flow=key[0], case_id=key[1])
    if not rows:
        raise case_not_found(store, tenant, *key)
    # Until ClickHouse merges them, there may be rows of several versions.
    return max(rows, key=lambda row: int(row["Version"]))


def summary_of(row: Row, shares: Sharing, as_of: datetime) -> CaseSummary:
    """The summary for a row of ``cases`` and what the case shares with others."""
    return CaseSummary(
        flow=row["Flow"],
        version=row["FlowVersion"],
        case_id=row["CaseId"],
        start=row["Start"],
        end=row["End"],
        in_flight=row["End"] is None,
        outcome=row["Outcome"] or None,
        duration_s=max(((row["End"] or as_of) - row["Start"]).total_seconds(), 0.0),
        value=optional(row["Value"], row["ValueCurrency"]),
        dims=dict(row["Dims"]),
        now=position_of(row),
        touches=row["Touches"],
        unknown_actor_events=row["UnknownEvents"],
        events=row["Events"],
        attempts=row["Attempts"],
        failed=FailedAttempts(row["FailedBusiness"], row["FailedInfrastructure"], row["FailedUnclassified"]),
        retries=row["Retries"],
        facts=facts_of(row, as_of),
        cost=_per_currency(row["CostCurrencies"], row["Costs"]),
        retry_cost=_per_currency(row["CostCurrencies"], row["RetryCosts"]),
        systems=tuple(row["Systems"]),
        ids=shares.ids,
        shared_events=row["SharedEvents"],
        shared_with=shares.related,
        shared_with_truncated=shares.truncated,
        as_of=as_of,
    )


def _per_currency(currencies: list[str], amounts: list[Decimal]) -> tuple[Money, ...]:
    """The sum in each currency, sorted by currency. A sum of zero is left out."""
    sums: dict[str, Decimal] = {}
    for currency, amount in zip(currencies, amounts, strict=True):
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    return tuple(Money.of(total, currency) for currency, total in sorted(sums.items()) if total)
