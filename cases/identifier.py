"""Identifiers of business objects, and the keys by which the store finds cases and their ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

CASE: Final = "case"
"""The type under which every case reaches its own id, whatever its flow calls the lead object."""

TRACE: Final = "trace"
"""The type of a trace id. A case reaches one where a step of the trace carries no business id."""

RESERVED_TYPES: Final = (CASE, TRACE)
"""Types that no flow may declare."""

CaseKey = tuple[str, str]
"""(flow, case id)"""

IdKey = tuple[str, str]
"""(value, type): the order in which the store sorts ids"""

_TOKEN: Final = re.compile(r"tok_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A typed business id, such as package ``PK-7``."""

    type: str
    value: str

    @property
    def tokenised(self) -> bool:
        """Whether the value is a token (``store.redaction.token``) for an original that was never stored."""
        return _TOKEN.fullmatch(self.value) is not None


def without_generic(identifiers: Sequence[Identifier]) -> list[Identifier]:
    """``identifiers`` without ``case SO-1`` where the flow's own type for the same value, ``order SO-1``, is there."""
    typed = {identifier.value for identifier in identifiers if identifier.type != CASE}
    return [identifier for identifier in identifiers if identifier.type != CASE or identifier.value not in typed]
