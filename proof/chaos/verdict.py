"""The books against the store: every acknowledged span once, nothing twice, nothing else, and every case right."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from cases.fold.fold import Folder
from cases.fold.rebuild import verify
from collector.dead_letters.store import DeadLetters
from collector.pipeline import DEAD_LETTERS
from proof.chaos.ledger import SpanKey
from proof.chaos.orders import FLOW, Figures, figures

if TYPE_CHECKING:
    from proof.chaos.ledger import Ledger
    from proof.chaos.stage import Stage
    from store.client import Store

_SPANS: Final = """
SELECT TraceId, SpanId, count() AS rows, any(SpanAttributes['chaos.number']) AS number, any(ServiceName) AS system
FROM otel_traces GROUP BY TraceId, SpanId
UNION ALL
SELECT 'log', LogAttributes['chaos.number'] AS number, count(), number, any(ServiceName) FROM otel_logs GROUP BY number
"""
_CASES: Final = """
SELECT CaseId, Events AS events, Attempts AS attempts, Retries AS retries, FailedBusiness AS business,
    FailedInfrastructure AS infrastructure, Touches AS touches, SharedEvents AS shared, Outcome AS outcome,
    arraySum(StepTotals.Cost) AS cost, arraySum(StepTotals.RetryCost) AS retry_cost, Systems AS systems
FROM cases FINAL WHERE Flow = {flow:String}
"""


@dataclass(slots=True)
class Verdict:
    """Numbers of spans and log records, down to the cases; the sentences name examples of what is wrong."""

    sent: int
    acknowledged: int
    unacknowledged_stored: int
    """Sent, never acknowledged, and stored all the same, which is allowed."""
    in_dead_letters: int
    """Damaged by hand in the log and therefore in dead letters instead."""
    lost: int
    doubled: int
    foreign: int
    mangled: int
    """Stored under another number or system than sent."""
    rejected: int
    cases: int
    wrong_cases: int
    refolded_differently: int
    """Cases, links and reached ids that a recomputation from all events finds different."""
    missing_letters: int
    unexpected_letters: int
    examples: list[str]

    @property
    def sound(self) -> bool:
        wrong = self.lost, self.doubled, self.foreign, self.mangled, self.rejected, self.wrong_cases
        return not any((*wrong, self.refolded_differently, self.missing_letters, self.unexpected_letters))

    def add(self, other: Verdict) -> Verdict:
        return Verdict(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    def numbers(self) -> dict[str, int]:
        return {name: value for name, value in asdict(self).items() if isinstance(value, int)}


def judge(stage: Stage, store: Store) -> Verdict:
    """Compare once everything has settled; folds first what the end of the collector left unfolded."""
    folder = Folder(store)
    while folder.fold_pending():
        pass
    rows = {SpanKey(row["TraceId"], row["SpanId"]): row for row in store.rows(_SPANS)}
    ledger = stage.ledger
    lost = ledger.acknowledged - rows.keys() - ledger.damaged
    doubled = {key for key, row in rows.items() if row["rows"] > 1}
    foreign = rows.keys() - ledger.sent.keys()
    mangled = {key for key, row in rows.items() if key not in foreign and not _as_sent(ledger, key, row)}
    expected = figures(ledger.sent[key] for key in rows if key in ledger.sent)
    wrong = _wrong_cases(store, expected, _uncertain(ledger, rows.keys() & ledger.damaged))
    found = verify(store)
    missing, unexpected = _letters(stage)
    sets = {"lost": lost, "doubled": doubled, "foreign": foreign, "mangled": mangled}
    return Verdict(
        sent=len(ledger.sent),
        acknowledged=len(ledger.acknowledged),
        unacknowledged_stored=len(rows.keys() - ledger.acknowledged - foreign),
        in_dead_letters=len((ledger.damaged & ledger.acknowledged) - rows.keys()),
        **{name: len(keys) for name, keys in sets.items()},
        rejected=ledger.rejected,
        cases=len(expected),
        wrong_cases=len(wrong),
        refolded_differently=len(found.differences) + found.links + found.reach,
        missing_letters=len(missing),
        unexpected_letters=len(unexpected),
        examples=[
            *(f"{name}: {_about(ledger, key)}" for name, keys in sets.items() for key in sorted(keys)[:3]),
            *wrong[:3],
            *(f"refolded differently: {difference}" for difference in found.differences[:3]),
            *(f"no dead letter {name}" for name in sorted(missing)[:3]),
            *(f"dead letter {text}" for text in unexpected[:3]),
        ],
    )


def _as_sent(ledger: Ledger, key: SpanKey, row: dict[str, Any]) -> bool:
    step, system = ledger.sent[key]
    return (row["number"], row["system"]) == (str(step.number), system)


def _about(ledger: Ledger, key: SpanKey) -> str:
    return f"{'-'.join(key)} {ledger.sent.get(key, 'was never sent')}"


def _uncertain(ledger: Ledger, stored: set[SpanKey]) -> set[str]:
    """Cases of spans that were damaged while the insert of their batch was interrupted: not every table has them."""
    steps = [ledger.sent[key][0] for key in stored]
    packages = {step.package for step in steps} - {""}
    related = [step for step, _ in ledger.sent.values() if step.package in packages]
    return {step.case for step in steps + related} - {""}


def _wrong_cases(store: Store, expected: dict[str, Figures], uncertain: set[str]) -> list[str]:
    wrong = []
    stored = {row.pop("CaseId"): row for row in store.rows(_CASES, flow=FLOW)}
    for case in sorted((stored.keys() | expected.keys()) - uncertain):
        row, figure = stored.get(case), expected.get(case)
        shown = row and {**row, "systems": set(row["systems"])}
        meant = figure and _rounded(asdict(figure))
        if shown != meant:
            wrong.append(f"case {case}: shows {_unlike(shown, meant)}, must show {_unlike(meant, shown)}")
    return wrong


def _rounded(figure: dict[str, Any]) -> dict[str, Any]:
    """Amounts as the store keeps them, with six decimal places."""
    return {key: round(value, 6) if isinstance(value, Decimal) else value for key, value in figure.items()}


def _unlike(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
    return one and {key: value for key, value in one.items() if other is None or other.get(key) != value}


def _letters(stage: Stage) -> tuple[set[str], list[str]]:
    """Letters that must be there and are not, and letters that are there for no reason known here."""
    letters = list(DeadLetters(stage.disk.path / DEAD_LETTERS, 0).list())
    ends = {letter.id.partition("-")[2] for letter in letters if letter.origin == "log"}
    unexpected = [
        f"{letter.id}: {letter.reason}" for letter in letters if letter.id.partition("-")[2] not in stage.letters
    ]
    return stage.letters - ends, unexpected
