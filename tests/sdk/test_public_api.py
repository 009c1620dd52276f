"""The public SDK, type-checked (mypy reads the example) and run."""

from __future__ import annotations

import re
from pathlib import Path

import flowtrail

from tests.sdk.typing import public_api

EXAMPLE = Path(public_api.__file__).read_text(encoding="utf-8")


def test_the_example_runs():
    result = public_api.main()
    assert result == {
        "attempt": 2,
        "errors": ["insufficient-credit", "action"],
        "arrived": "SO-2",
        "decorated": (3, 2),
        "spans": [
            "reserve-stock", "approve", "book-carrier", "book-carrier", "check-credit", "check-credit", "call", "price",
            "price", "pick",
        ],
    }  # fmt: skip


def test_the_example_uses_every_public_name():
    assert [name for name in flowtrail.__all__ if not re.search(rf"\b{name}\b", EXAMPLE)] == []
