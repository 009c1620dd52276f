"""The steps of a flow in their usual order, with what was observed of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cases.flows.inference.evidence import commonest, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cases.flows.inference.evidence import Evidence, SampledCase, SampledEvent

# A step that is repeated for the same object in at least this share of its cases may be a loop by design.
_OFTEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """What was observed of one step.

    Of ``of`` cases, ``cases`` take the step, and ``repeats`` of these more than once for the same object. ``kinds``,
    ``people`` (the actions of people) and ``outcomes`` count events. ``timeout_s`` and ``escalate_to`` are set if all
    events of an approval agree.
    """

    name: str
    cases: int
    of: int
    kinds: Counter[str]
    people: Counter[str]
    outcomes: Counter[str]
    repeats: int
    timeout_s: int
    escalate_to: str

    @property
    def kind(self) -> str:
        return commonest(self.kinds) or "task"

    @property
    def optional(self) -> bool:
        return self.cases < self.of

    @property
    def may_loop(self) -> bool:
        return share(self.repeats, self.cases) >= _OFTEN


def guess_steps(evidence: Evidence) -> list[StepEvidence]:
    """Every step that any case takes. Steps that no sampled case takes come last."""
    looked_at = [case for case in evidence.sample if case.ended] or list(evidence.sample)
    events: dict[str, list[SampledEvent]] = defaultdict(list)
    for case in evidence.sample:
        for event in case.events:
            events[event.step].append(event)
    taken = Counter(step for case in looked_at for step in {event.step for event in case.events})
    repeats = Counter(step for case in looked_at for step in _repeated(case))
    rare = [name for name in evidence.steps if name not in events]
    return [
        _seen(name, events[name], taken[name], len(looked_at), repeats[name])
        for name in [*usual_order([[event.step for event in case.events] for case in evidence.sample]), *rare]
    ]


def usual_order(sequences: Sequence[Sequence[str]]) -> list[str]:
    """The steps in the order in which most of ``sequences`` have them.

    Of two steps that are never in the same sequence, the one with the earlier average place comes first.

        >>> usual_order([["pick", "pack", "ship"], ["pick", "ship"]])
        ['pick', 'pack', 'ship']
    """
    places: dict[str, list[float]] = defaultdict(list)
    ahead: Counter[tuple[str, str]] = Counter()
    for sequence in sequences:
        first = list(dict.fromkeys(sequence))
        for place, step in enumerate(first):
            places[step].append(place / len(first))
            ahead.update((step, later) for later in first[place + 1 :])
    mean = {step: sum(shares) / len(shares) for step, shares in places.items()}

    def wins(step: str) -> int:
        return sum(_before(step, other, ahead, mean) for other in mean if other != step)

    # Copeland's method: a point for each step that it mostly comes before. It gives an order even where majorities are
    # cyclic.
    score = {step: wins(step) for step in mean}
    return sorted(mean, key=lambda step: (-score[step], mean[step], step))


def _before(step: str, other: str, ahead: Counter[tuple[str, str]], mean: dict[str, float]) -> bool:
    difference = ahead[step, other] - ahead[other, step]
    return difference > 0 if difference else (mean[step], step) < (mean[other], other)


def _repeated(case: SampledCase) -> set[str]:
    # A second first attempt for the same object is a repetition; attempts 2 and later are retries.
    firsts = Counter((event.step, event.item) for event in case.events if event.attempt == 1)
    return {step for (step, _), count in firsts.items() if count > 1}


def _seen(name: str, events: list[SampledEvent], cases: int, of: int, repeats: int) -> StepEvidence:
    approvals = [event for event in events if event.kind == "approval"]
    timeouts = {event.timeout_s for event in approvals}
    escalations = {event.escalate_to for event in approvals}
    timeout = timeouts.pop() if len(timeouts) == 1 else None
    return StepEvidence(
        name=name,
        cases=cases,
        of=of,
        kinds=Counter(event.kind for event in events),
        people=Counter(event.action or "nothing named" for event in events if event.human),
        outcomes=Counter(event.outcome for event in events if event.outcome),
        repeats=repeats,
        timeout_s=int(timeout) if timeout and timeout == int(timeout) else 0,
        escalate_to=escalations.pop() if len(escalations) == 1 else "",
    )
