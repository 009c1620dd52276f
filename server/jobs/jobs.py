"""Jobs: long work beside serving, one at a time for each tenant. Knows how far each is, and how it ended."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cases.errors import CasesError
from cases.progress import Progress, Stopped
from collector.errors import CollectorError, Refusal
from store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger(__name__)

_REMEMBERED: Final = 20
"""Jobs that can still be asked for after their end."""

_AT_ONCE: Final = 4
"""Jobs that run at the same time, of all tenants together."""

_RETRY_AFTER_S: Final = 60


@dataclass(slots=True)
class Job:
    """One job. ``state``: running, done, failed or stopped. Its own thread writes it, any thread may read it.

    ``tenant``: whose cases it is about; '' for those of all tenants.
    """

    kind: str
    tenant: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    state: str = "running"
    stage: str = ""
    done: int = 0
    total: int = 1
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    result: dict[str, Any] | None = None
    error: str | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def progress(self) -> Progress:
        """What the work calls to report how far it is, and asks whether to stop."""
        return Progress(self._report, self.stopping.is_set)

    def shown(self) -> dict[str, Any]:
        """The job as the JSON of the API; times are RFC 3339 in UTC."""
        names = ("id", "kind", "state", "stage", "done", "total", "started", "ended", "result", "error")
        return {name: getattr(self, name) for name in names}

    def _report(self, stage: str, done: int, total: int) -> None:
        self.stage, self.done, self.total = stage, done, total


class Jobs:
    """The jobs of one server. It remembers the last 20 of them until it stops."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: deque[Job] = deque()
        self._threads: dict[str, threading.Thread] = {}
        self._ended = False

    def start(self, kind: str, tenant: str, work: Callable[[Progress], dict[str, Any]]) -> Job:
        """Start ``work`` of ``tenant`` in a thread; '' is the whole installation. What it returns becomes the result.

        A tenant has one job at a time, and so has the installation. Raises Refusal ``conflict`` while it runs, and
        ``overloaded`` while the jobs of others take all the room.
        """
        with self._lock:
            if self._ended:
                raise Refusal("conflict", "The server is stopping.", "Try again when it has started.")
            running = [job for job in self._jobs if job.state == "running"]
            own = next((job for job in running if job.tenant == tenant), None)
            if own is not None:
                reason = f"A {own.kind} is running (id {own.id})."
                raise Refusal("conflict", reason, "Wait until it has ended, then try again.")
            if len(running) >= _AT_ONCE:
                # Whose jobs they are is nobody else's business.
                reason = f"The server runs {_AT_ONCE} jobs already."
                raise Refusal("overloaded", reason, "Try again in a minute.", retry_after_s=_RETRY_AFTER_S)
            job = Job(kind, tenant)
            self._remember(job)
            thread = threading.Thread(target=_run, args=(job, work), name=f"flowtrail-{kind}", daemon=True)
            self._threads[job.id] = thread
            thread.start()
            return job

    def get(self, job_id: str) -> Job | None:
        """The job with this id; None if it is not remembered."""
        with self._lock:
            return next((job for job in self._jobs if job.id == job_id), None)

    def all(self) -> list[Job]:
        """All jobs that are remembered, newest first."""
        with self._lock:
            return list(reversed(self._jobs))

    def stop(self) -> None:
        """Stop the running jobs, wait for their end, and start no more."""
        with self._lock:
            self._ended = True
            running = [job for job in self._jobs if job.state == "running"]
            threads = [self._threads[job.id] for job in running]
        # Outside the lock: the jobs may be asked for while they come to their end.
        for job in running:
            job.stopping.set()
        for thread in threads:
            thread.join()

    def _remember(self, job: Job) -> None:
        """Make room by forgetting the oldest job that has ended. A running one must be found until its end."""
        if len(self._jobs) >= _REMEMBERED:
            oldest = next(known for known in self._jobs if known.state != "running")
            self._jobs.remove(oldest)
            del self._threads[oldest.id]
        self._jobs.append(job)


def _run(job: Job, work: Callable[[Progress], dict[str, Any]]) -> None:
    state = "failed"
    try:
        job.result = work(job.progress())
        state = "done"
    except Stopped as stopped:
        job.error, state = str(stopped), "stopped"
    except (CasesError, StoreError, CollectorError) as error:
        job.error = str(error)
        _LOG.warning("A %s failed: %s", job.kind, error)
    except Exception:  # noqa: BLE001 - a defect must not end the thread silently
        job.error = "It met a defect; the server's log says which."
        _LOG.exception("A %s met a defect", job.kind)
    job.ended = datetime.now(UTC)
    if state == "done":
        job.done = job.total
    job.state = state  # last, so that a reader who sees the end also sees the result
