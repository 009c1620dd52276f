"""How much is tried: little and always the same in the tests, more and always something else in ``make fuzz``."""

from __future__ import annotations

import os
from typing import Any, Final

from hypothesis import HealthCheck, settings

_EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "0"))


def tries(examples: int) -> Any:
    """Settings for a test that tries ``examples`` in the tests and FUZZ_EXAMPLES in a longer run."""
    return settings(
        max_examples=_EXAMPLES or examples,
        derandomize=not _EXAMPLES,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
