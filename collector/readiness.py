"""Whether the collector can accept requests, and whether it can insert them into the store."""

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
    """Reads the state of the parts. It has no state of its own."""

    log: DurableLog
    committer: Committer
    receiver: Receiver
    writer: Writer
    telemetry: Telemetry
    troubles: Sequence[Callable[[], str | None]] = ()
    """Further checks of the process. Each returns a sentence about what is wrong, or None."""

    def state(self) -> dict[str, Any]:
        """The body of GET /readyz.

        ``ready``: requests are accepted and inserted, and the log has room to spare. ``accepting``: requests are
        accepted and kept on disk, even if the store is down. ``reasons``: what is wrong, in sentences.
        """
        closed = self._not_accepting()
        nearly_full = None if closed else self.receiver.capacity.nearly_full()
        others = (trouble() for trouble in self.troubles)
        stuck = [reason for reason in (nearly_full, self.writer.trouble, *others) if reason]
        if not self.writer.alive:
            stuck.append("The writer is not running. Accepted requests stay in the log.")
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
