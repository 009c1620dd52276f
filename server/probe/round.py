"""One round: send some cases, then ask until each has come back whole or the time is over."""

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
    from server.probe.known_case import Clients

_PAUSE_S: Final = 0.1
_GIVE_UP: Final = 3
"""After so many deadlines what has not been found is missed."""


@dataclass(frozen=True, slots=True)
class Round:
    """``cases`` are sent; what is found after ``deadline_s`` seconds is late, after three times as many missed.

    ``clock`` gives seconds, ``sleep`` waits for some, ``new_id`` names the round; ``stopped`` ends it early, and what
    has not been found by then is not counted.
    """

    cases: int
    deadline_s: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    new_id: Callable[[], str] = field(default=lambda: uuid4().hex[:12])
    stopped: Callable[[], bool] = lambda: False

    def run(self, api: Api, senders: Clients) -> Tally:
        """Send and look; raises ProbeError if the API refuses the key."""
        tally = Tally()
        round_id = self.new_id()
        known = [send(senders, round_id, number) for number in range(1, self.cases + 1)]
        tally.unsent = senders.flush(self.deadline_s)
        if tally.unsent:
            return tally
        waiting = [
            *(
                _Question(name, case.case_id, 1, partial(check, api, case))
                for case in known
                for name, check in CASE_CHECKS.items()
            ),
            *(
                _Question(name, f"round {round_id}", len(known), partial(check, api, known))
                for name, check in ROUND_CHECKS.items()
            ),
        ]
        for question in waiting:
            tally.line(question.check).sent += question.items
        self._look(waiting, tally)
        return tally

    def _look(self, waiting: list[_Question], tally: Tally) -> None:
        began = self.clock()
        while waiting and not self.stopped():
            waiting = [question for question in waiting if not self._found(question, began, tally)]
            if waiting and self.clock() - began > _GIVE_UP * self.deadline_s:
                for question in waiting:
                    tally.line(question.check).missed += question.items
                    tally.wrong.append(f"{question.about} was missed {question.check}: {question.wrong}.")
                return
            if waiting:
                self.sleep(_PAUSE_S)
        for question in waiting:
            tally.line(question.check).sent -= question.items

    def _found(self, question: _Question, began: float, tally: Tally) -> bool:
        try:
            question.wrong = question.ask()
        except NotThere as error:
            question.wrong = str(error)
        if question.wrong:
            return False
        tally.line(question.check).find(self.clock() - began, self.deadline_s, question.items)
        return True


@dataclass(slots=True)
class _Question:
    """``ask`` answers what is wrong, '' for nothing; ``wrong`` is its latest answer. It is about ``items`` cases."""

    check: str
    about: str
    items: int
    ask: Callable[[], str]
    wrong: str = ""
