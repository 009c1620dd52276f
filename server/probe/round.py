"""One round of the probe: send cases, then check until each has come back whole or the time is over."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from server.probe.checks import CASE_CHECKS, ROUND_CHECKS
from server.probe.errors import NotThere
from server.probe.known_case import send
from server.probe.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.probe.api import Api
    from server.probe.known_case import Senders

_PAUSE_S: Final = 0.1
_GIVE_UP: Final = 3
"""Deadlines after which a case that has not come back counts as missed."""


@dataclass(frozen=True, slots=True)
class Round:
    """Sends ``cases`` cases. One that is found after ``deadline_s`` seconds is late, after three times that missed.

    ``clock`` gives seconds, ``sleep`` waits for some, ``new_id`` names the round. ``stopped`` ends it early; cases that
    have not been found by then are not counted.
    """

    cases: int
    deadline_s: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    new_id: Callable[[], str] = field(default=lambda: uuid4().hex[:12])
    stopped: Callable[[], bool] = lambda: False

    def run(self, api: Api, senders: Senders) -> Tally:
        """Send and check. Raises ProbeError if the API refuses the key."""
        tally = Tally()
        round_id = self.new_id()
        known = [send(senders, round_id, number) for number in range(1, self.cases + 1)]
        tally.unsent = senders.flush(self.deadline_s)
        if tally.unsent:
            return tally
        waiting = [
            *(
                _PendingCheck(name, case.case_id, 1, partial(check, api, case))
                for case in known
                for name, check in CASE_CHECKS.items()
            ),
            *(
                _PendingCheck(name, f"round {round_id}", len(known), partial(check, api, known))
                for name, check in ROUND_CHECKS.items()
            ),
        ]
        for check in waiting:
            tally.line(check.name).sent += check.items
        self._look(waiting, tally)
        return tally

    def _look(self, waiting: list[_PendingCheck], tally: Tally) -> None:
        began = self.clock()
        while waiting and not self.stopped():
            waiting = [check for check in waiting if not self._found(check, began, tally)]
            if waiting and self.clock() - began > _GIVE_UP * self.deadline_s:
                for check in waiting:
                    tally.line(check.name).missed += check.items
                    tally.wrong.append(f"{check.about} was missed {check.name}: {check.wrong}.")
                return
            if waiting:
                self.sleep(_PAUSE_S)
        for check in waiting:  # stopped early: nobody knows whether they would have been found
            tally.line(check.name).sent -= check.items

    def _found(self, check: _PendingCheck, began: float, tally: Tally) -> bool:
        try:
            check.wrong = check.run()
        except NotThere as error:
            check.wrong = str(error)
        if check.wrong:
            return False
        tally.line(check.name).find(self.clock() - began, self.deadline_s, check.items)
        return True


@dataclass(slots=True)
class _PendingCheck:
    """One check of ``items`` cases. ``run`` returns what is wrong, '' for nothing; ``wrong`` is its last result."""

    name: str
    about: str
    items: int
    run: Callable[[], str]
    wrong: str = ""
