"""Which cases are to be folded again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Cases of a tenant ('' is any) and a flow ('' is any) with an event at ``since`` or later (aware; None is any)."""

    tenant: str = ""
    flow: str = ""
    since: datetime | None = None

    @property
    def everything(self) -> bool:
        return not (self.tenant or self.flow or self.since)

    def params(self) -> dict[str, Any]:
        since_s = int(self.since.timestamp()) if self.since else 0
        return {"tenant": self.tenant, "flow": self.flow, "since": since_s}
