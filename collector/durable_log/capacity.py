"""Whether the durable log has room for more: by its size, and by how long its oldest request has waited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.durable_log.committer import Committer
    from collector.durable_log.log import DurableLog
    from collector.settings import CollectorSettings


@dataclass(frozen=True, slots=True)
class Capacity:
    """Reads the log and the queue of the committer. It has no state of its own."""

    log: DurableLog
    committer: Committer
    settings: CollectorSettings

    def shortage(self) -> str | None:
        """Why no request can be accepted now, in a sentence. None if there is room."""
        cap, cap_age_s = self.settings.log_cap_bytes, self.settings.log_cap_age_s
        if cap and self._held_bytes() >= cap:
            return "The durable log has reached its cap (log_cap_bytes); the store is not keeping up."
        if cap_age_s and self.log.oldest_age_s() > cap_age_s:
            return (
                "The oldest request in the durable log has waited for longer than log_cap_age_s; "
                "the store is not accepting it."
            )
        return None

    def nearly_full(self) -> str | None:
        """Why a load balancer should stop sending here before the log is full, in a sentence. None if it need not."""
        near, cap, cap_age_s = self.settings.log_near_cap, self.settings.log_cap_bytes, self.settings.log_cap_age_s
        share = self._held_bytes() / cap if cap else 0.0
        if near and share >= near:
            return f"The durable log is {share:.0%} full (log_cap_bytes); the store is not keeping up."
        age_s = self.log.oldest_age_s() if cap_age_s else 0.0
        if near and age_s > near * cap_age_s:
            return (
                f"The oldest request in the durable log has waited for {age_s:,.0f} s "
                f"(log_cap_age_s is {cap_age_s:,.0f})."
            )
        return None

    def _held_bytes(self) -> int:
        return self.log.pending_bytes + self.committer.queued_bytes
