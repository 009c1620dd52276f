"""Parquet: one record a row, a batch of rows at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from importing.errors import ImportFailed, Place
from importing.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROWS: Final = 2000


def read_parquet(path: Path) -> Iterator[list[Record]]:
    """The rows in portions. Raises ImportFailed ``unreadable``."""
    try:
        with pq.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches(batch_size=_ROWS):
                yield [
                    Record(Place(path.name, number + at, "row"), number + at, row)
                    for at, row in enumerate(_exact(batch).to_pylist(), 1)
                ]
                number += batch.num_rows
    except pa.ArrowException as error:
        raise ImportFailed(
            "unreadable", f"{path} cannot be read as Parquet: {error}.", "Write the file again."
        ) from None


def _exact(batch: Any) -> Any:
    """Times in nanoseconds as text: a datetime has no room for them."""
    columns = []
    for column in batch.columns:
        kind = column.type
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            utc = pc.cast(column, pa.timestamp("ns", "UTC")) if kind.tz else column
            text = pc.strftime(pc.cast(utc, pa.timestamp("ns")), format="%Y-%m-%dT%H:%M:%S")
            columns.append(pc.binary_join_element_wise(text, "Z", "") if kind.tz else text)
        elif pa.types.is_dictionary(kind):
            columns.append(column.dictionary_decode())
        else:
            columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
