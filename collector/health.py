"""Whether the collector can take data, and whether it reaches the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collector.committer import Committer
    from collector.durable_log import DurableLog
    from collector.receiver import Receiver
    from collector.telemetry import Telemetry
    from collector.writer import Writer


@dataclass(frozen=True, slots=True)
class Health:
    """Reads the state of the parts; holds none of its own."""

    log: DurableLog
    committer: Committer
    receiver: Receiver
    writer: Writer
    telemetry: Telemetry

    def state(self) -> dict[str, Any]:
        """What GET /readyz says.

        ``ready``: requests are accepted and inserted. ``accepting``: requests are accepted and kept on disk, whether or
        not the store takes them now. ``reasons``: what is wrong, one English sentence each.
        """
        closed = self._not_accepting()
        stuck = [self.writer.trouble] if self.writer.trouble else []
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
        if self.receiver.near_cap:
            reasons.append("The durable log has reached its cap (log_cap_bytes).")
        return reasons
