"""Figures side by side: from the product, from the files, as published."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from proof.oracle.figures import Figures, Value

_HALF_A_PLACE: Final = Fraction(1, 2000)
"""Published hours are rounded to three places."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. ``published`` is None where nobody published it."""

    log: str
    name: str
    ours: Value
    files: Value
    published: Value

    @property
    def equal(self) -> bool:
        """Ours is exactly that of the files, and what was published once it is rounded likewise."""
        if self.ours is None or self.files is None:
            return self.ours is self.files
        return self.ours == self.files and _rounded_alike(self.ours, self.published)


def lines(ours: Figures, files: Figures, published: Figures) -> Iterator[Line]:
    """A line for every figure that any of the three knows; what the product does not tell differs."""
    for log, name in {**files, **published, **ours}:
        key = log, name
        yield Line(log, name, ours.get(key), files.get(key), published.get(key))


def shown(line: Line) -> str:
    """One line of the table."""
    verdict = "equal" if line.equal else "DIFFERENT"
    numbers = "".join(f"{_text(value):>16}" for value in (line.ours, line.files, line.published))
    return f"{line.log:<15}{line.name:<50}{numbers}  {verdict}"


HEAD: Final = f"{'log':<15}{'figure':<50}{'Flowtrail':>16}{'from the files':>16}{'published':>16}"


def _rounded_alike(exact: int | Fraction, published: Value) -> bool:
    if published is None:
        return True
    if isinstance(published, int):
        return exact == published
    return abs(exact - published) <= _HALF_A_PLACE


def _text(value: Value) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{float(value):,.4f}"
