"""How much one query of a reader may take, and which settings a reader may choose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store_server.errors import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

KIB: Final = 1 << 10
MIB: Final = 1 << 20

# What changes how an answer looks or stops a query early. Left out: whatever reads or writes files (schemas,
# templates), what two readers would share (caches: the engine knows them as one user), and log_comment, which says
# whose rows are read.
_FREE: Final = re.compile(
    r"output_format_(?!schema$)\w+|input_format_\w+|format_(csv|tsv|custom|binary|display)_\w+|date_time_\w+_format"
    r"|bool_(true|false)_representation|format_tsv_null_representation|\w+_overflow_mode|extremes|totals_mode|limit|offset"
    r"|final|session_timezone|join_use_nulls|join_algorithm|join_default_strictness|group_by_use_nulls|transform_null_in"
    r"|union_default_mode|prefer_column_name_to_alias|aggregate_functions_null_for_empty|data_type_default_nullable"
    r"|cast_keep_nullable|max_block_size|max_bytes_before_external_\w+|max_rows_to_\w+|max_bytes_to_\w+|max_rows_in_\w+"
    r"|max_bytes_in_\w+|(http_)?wait_end_of_query|use_client_time_zone|any_join_distinct_right_table_keys"
    r"|count_distinct_implementation|allow_suspicious_\w+|allow_experimental_\w+_type|cast_string_to_\w+_use_inference|enable_extended_results_for_datetime_functions|use_skip_indexes"
    r"|optimize_read_in_order|low_cardinality_allow_in_native_format|log_queries|use_uncompressed_cache"
    r"|select_sequential_consistency"
)
# What clients say about the conversation itself; nothing here depends on it.
_IGNORED: Final = re.compile(
    r"readonly|log_comment|enable_http_compression|http_\w+|send_\w+|cancel_http_readonly_queries_on_client_close"
    r"|connect_timeout\w*|receive_timeout|insert_\w+|async_insert\w*|wait_for_async_insert\w*|priority"
    # What a cluster or the planner would mind; the answer is the same.
    r"|(allow_experimental|enable)_analyzer|prefer_localhost_replica|load_balancing|max_parallel_replicas"
    r"|skip_unavailable_shards|distributed_product_mode|optimize_\w+|parallel_view_processing"
    # Said to this server, not to the engine.
    r"|network_compression_method|network_zstd_compression_level"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one query of a reader; 0 is no limit. ``queries`` holds for all readers, of which one tenant has 3/4."""

    seconds: float = 60
    result_rows: int = 0
    memory_bytes: int = 2048 * MIB
    queries: int = 8
    statement_bytes: int = 256 * KIB
    """Of a reader's statement, once it is decompressed; the engine's own limit."""
    form_bytes: int = MIB
    """Of a reader's form: a statement and its parameters."""
    body_bytes: int = 1024 * MIB
    """Of the owner's body: a statement and the rows to insert."""
    buffered_bytes: int = 256 * MIB
    """Of an answer in a format that cannot be sent piece by piece."""

    def _caps(self, *, whole: bool) -> dict[str, float]:
        """The settings that a reader may choose up to these values."""
        caps = {
            "max_execution_time": self.seconds,
            "max_result_rows": self.result_rows,
            "max_memory_usage": self.memory_bytes,
            "max_threads": 0,
            "max_result_bytes": self.buffered_bytes if whole else 0,
        }
        return {name: float(value) for name, value in caps.items()}

    def settings(self, requested: Mapping[str, str], *, whole: bool = False) -> dict[str, str]:
        """The settings of a query for which a reader has ``requested`` some; ``whole``: the answer is held in memory.

        Raises ServerError 452 for what is not theirs to choose.
        """
        caps = self._caps(whole=whole)
        chosen = {name: _capped(name, value, caps[name]) for name, value in requested.items() if name in caps}
        free = {name: value for name, value in requested.items() if _FREE.fullmatch(name)}
        for name in requested.keys() - chosen.keys() - free.keys():
            if not _IGNORED.fullmatch(name):
                raise refusal(452, "SETTING_CONSTRAINT_VIOLATION", f"Readers may not change the setting {name}.")
        own = {name: _number(cap) for name, cap in caps.items() if cap}
        return {**own, **free, **chosen}


def _capped(name: str, value: str, cap: float) -> str:
    """The smaller of both; 0 is no limit in either."""
    try:
        number = float(value)
    except ValueError:
        raise refusal(72, "CANNOT_PARSE_NUMBER", f"{value!r} is not a number for the setting {name}.") from None
    if not number >= 0:  # NaN too
        raise refusal(72, "CANNOT_PARSE_NUMBER", f"The setting {name} cannot be {value}.")
    return _number(min((limit for limit in (number, cap) if limit), default=0))


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value}"
