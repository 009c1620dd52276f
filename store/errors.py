"""Errors of the store, with hints that an operator can act on."""

from __future__ import annotations

from typing import Final

from common.errors import FlowtrailError

# ClickHouse error codes that mean "this data can never be stored", as opposed to "not now".
# Source: ClickHouse's src/Common/ErrorCodes.cpp. Everything else is tried again, so nothing is lost. Left out on
# purpose: 36 (BAD_ARGUMENTS), 636 (CANNOT_EXTRACT_TABLE_STRUCTURE); they point to a fault of the configuration.
_INVALID_DATA: Final = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,  # ATTEMPT_TO_READ_AFTER_EOF
        33,  # CANNOT_READ_ALL_DATA
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        128,  # TOO_LARGE_ARRAY_SIZE
        131,  # TOO_LARGE_STRING_SIZE
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        436,  # PROTOBUF_BAD_CAST
        407,  # DECIMAL_OVERFLOW
        444,  # UNKNOWN_PROTOBUF_FORMAT
    }
)
_UNREACHABLE: Final = frozenset({3, 159, 198, 202, 203, 209, 210, 242, 243, 252, 279, 285, 319, 425, 439, 999})
_MEMORY_LIMIT_EXCEEDED: Final = 241


class StoreError(FlowtrailError):
    """A store operation failed.

    ``code`` is one of ``invalid_data`` (do not retry unchanged), ``invalid_query``, ``migration``, ``unavailable``;
    ``hint`` says what to do about it.
    """


class StoreUnavailable(StoreError):
    """The store cannot be reached or has no room now; the same call may succeed later."""

    def __init__(self, message: str, hint: str = "Check that ClickHouse runs and has free disk and memory.") -> None:
        super().__init__("unavailable", message, hint)


class StoreOutOfMemory(StoreUnavailable):
    """The store has too little memory for this call, perhaps only now, perhaps always for this much data at once."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "Try with less at once, or give ClickHouse more memory.")


def from_clickhouse(error: Exception) -> StoreError:
    """The error of clickhouse-connect or chDB as one of ours, by ClickHouse's numeric code."""
    number = getattr(error, "code", None)
    text = str(error).strip().split("\n")[0][:600]
    if number in _INVALID_DATA:
        return StoreError("invalid_data", f"ClickHouse refuses the data: {text}")
    if number == _MEMORY_LIMIT_EXCEEDED:
        return StoreOutOfMemory(f"ClickHouse has not enough memory: {text}")
    if number is None or number in _UNREACHABLE:
        return StoreUnavailable(f"ClickHouse is not available: {text}")
    return StoreError(
        "invalid_query", f"ClickHouse refuses the statement: {text}", "This is a defect; please report it."
    )
