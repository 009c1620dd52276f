"""What lies in the warehouse: items, the orders they are picked for, the packages they go into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.transport import Body


@dataclass
class Item:
    """One piece of goods; ``key`` tells the dice which it is, ``result`` what became of it."""

    number: str
    order: str
    key: str
    bulky: bool
    result: str = ""


@dataclass(frozen=True)
class Job:
    """One order to be picked."""

    order: str
    body: Body
    headers: dict[str, str]
    items: list[Item] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return str(self.body["reference"])

    @property
    def refs(self) -> dict[str, list[str]]:
        return {"item": [item.number for item in self.items]}


@dataclass(frozen=True)
class Package:
    """One box and what is in it."""

    number: str
    items: list[Item]
    currency: str

    @property
    def refs(self) -> dict[str, str | list[str]]:
        return {"package": self.number, "item": [item.number for item in self.items]}

    @property
    def key(self) -> str:
        return self.items[0].key
