"""The sales document, as the erp and its checks pass it around."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.transport import Body


@dataclass(frozen=True)
class Document:
    """One sales document; ``body`` is the order as the shop sent it."""

    number: str
    order: str
    body: Body
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return str(self.body["reference"])

    @property
    def prepaid(self) -> bool:
        return bool(self.body["channel"] == "marketplace")
