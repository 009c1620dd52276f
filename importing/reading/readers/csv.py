"""CSV: one record a row, the first row names the columns."""

from __future__ import annotations

import csv
import io
from typing import IO, TYPE_CHECKING, Final

from importing.errors import ImportFailed, Place, Unreadable
from importing.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from importing.mapping.mapping import CsvPart

_DELIMITERS: Final = ",;\t|"
_PORTION: Final = 1000
_HEAD_CHARACTERS: Final = 64 * 1024


def read_csv(
    stream: IO[bytes], name: str, rules: CsvPart, complain: Callable[[Unreadable], None]
) -> Iterator[list[Record]]:
    """The rows in portions. Raises ImportFailed ``unreadable`` where there is no header."""
    encoding = "utf-8-sig" if rules.encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else rules.encoding
    try:
        text = io.TextIOWrapper(stream, encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise ImportFailed(
            "unreadable", f"There is no encoding {rules.encoding!r}.", "Such as utf-8, cp1252."
        ) from None
    lines = _Lines(text)
    first = lines.peek()
    rows = csv.reader(lines, delimiter=rules.delimiter or _delimiter(first), quotechar=rules.quote)
    header = _header(rows, name)
    yield from _portions(_records(rows, header, name, complain))


class _Lines:
    """Lines of a text, of which the first can be looked at before they are read. A line without end is cut off."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._first: str | None = None

    def peek(self) -> str:
        self._first = self._text.readline(_HEAD_CHARACTERS)
        return self._first

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line, self._first = self._first, None
        if line is None:
            line = self._text.readline()
        if not line:
            raise StopIteration
        return line


def _delimiter(line: str) -> str:
    """What stands most often between the names of the columns."""
    outside = "".join(part for index, part in enumerate(line.split('"')) if index % 2 == 0)
    return max(_DELIMITERS, key=outside.count)


def _header(rows: Iterator[list[str]], name: str) -> list[str]:
    try:
        raw = next(rows)
    except (StopIteration, csv.Error):
        raise ImportFailed("unreadable", f"{name} has no row with the names of its columns.", "Add one.") from None
    names: list[str] = []
    for number, text in enumerate(raw, 1):
        plain = text.strip() or f"column {number}"
        names.append(plain if plain not in names else f"{plain} ({number})")
    return names


def _records(
    rows: Iterator[list[str]], header: list[str], name: str, complain: Callable[[Unreadable], None]
) -> Iterator[Record]:
    reader, ordinal = rows, 0
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        place = Place(name, line)
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            complain(
                Unreadable(place, "", f"the row cannot be told apart: {error}.", "Look for a quote that is not closed.")
            )
            continue
        if not row:
            continue
        if len(row) != len(header):
            why = f"the row has {len(row)} columns, the header {len(header)}."
            complain(Unreadable(place, "", why, "Put values that contain the delimiter into quotes."))
            continue
        if not all(map(str.isascii, row)) and any("\udc80" <= sign <= "\udcff" for value in row for sign in value):
            why = "it holds bytes that are no text in the encoding of the file."
            complain(Unreadable(place, "", why, "Say the encoding in a mapping: csv: {encoding: cp1252}."))
            continue
        ordinal += 1
        yield Record(place, ordinal, dict(zip(header, row, strict=True)))


def _portions(records: Iterator[Record]) -> Iterator[list[Record]]:
    portion: list[Record] = []
    for record in records:
        portion.append(record)
        if len(portion) == _PORTION:
            yield portion
            portion = []
    if portion:
        yield portion
