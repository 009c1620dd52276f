"""Jobs: long work beside serving, one job at a time. Knows how far each is, and how it ended."""

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


@dataclass(slots=True)
class Job:
    """One job. ``state``: running, done, failed or stopped. Its own thread writes it, any thread may read it."""

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
        self._jobs: deque[Job] = deque(maxlen=_REMEMBERED)
        self._thread: threading.Thread | None = None
        self._ended = False

    def start(self, kind: str, tenant: str, work: Callable[[Progress], dict[str, Any]]) -> Job:
        """Start ``work`` in a thread. What it returns becomes the job's result.

        Raises Refusal ``conflict`` while another job is running.
        """
        with self._lock:
            running = self._running()
            if running is not None or self._ended:
                reason = f"A {running.kind} is running (id {running.id})." if running else "The server is stopping."
                raise Refusal("conflict", reason, "Wait until it has ended, then try again.")
            job = Job(kind, tenant)
            self._jobs.append(job)
            self._thread = threading.Thread(target=_run, args=(job, work), name=f"flowtrail-{kind}", daemon=True)
            self._thread.start()
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
        """Stop the running job, wait for its end, and start no more jobs."""
        with self._lock:
            self._ended = True
            running = self._running()
        # Outside the lock: the job may be asked for while it comes to its end.
        if running is not None and self._thread is not None:
            running.stopping.set()
            self._thread.join()

    def _running(self) -> Job | None:
        """The running job; the caller holds the lock."""
        return next((job for job in self._jobs if job.state == "running"), None)


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
