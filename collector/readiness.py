"""Whether the collector can take data, and whether it reaches the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.durable_log.committer import Committer
    from collector.durable_log.log import DurableLog
    from collector.receiver import Receiver
    from collector.telemetry.telemetry import Telemetry
    from collector.writer.writer import Writer


@dataclass(frozen=True, slots=True)
class Readiness:
    """Reads the state of the parts; holds none of its own."""

    log: DurableLog
    committer: Committer
    receiver: Receiver
    writer: Writer
    telemetry: Telemetry
    troubles: Sequence[Callable[[], str | None]] = ()
    """What else must be well for the process to be ready: each says what is wrong, or None."""

    def state(self) -> dict[str, Any]:
        """What GET /readyz says.

        ``ready``: requests are accepted and inserted, and there is plenty of room. ``accepting``: requests are accepted
        and kept on disk, whether or not the store takes them now. ``reasons``: what is wrong, in sentences.
        """
        closed = self._not_accepting()
        tight = None if closed else self.receiver.capacity.tightness()
        others = (trouble() for trouble in self.troubles)
        stuck = [reason for reason in (tight, self.writer.trouble, *others) if reason]
        if not self.writer.alive:
            stuck.append("The writer is not running; what is accepted stays in the log.")
        return {
            "ready": not closed and not stuck,
            "accepting": not closed,
            "pending_bytes": self.log.pending_bytes,
            "reasons": closed + stuck,
        }

    def _not_accepting(self) -> list[str]:
        reasons = [str(self.committer.error)] if self.committer.error else []
        shortage = self.receiver.capacity.shortage()
        return [*reasons, shortage] if shortage else reasons
