"""Which format a file has, told by its first bytes; gzip is looked through."""

from __future__ import annotations

import gzip
import re
from typing import IO, TYPE_CHECKING, Final

from importing.errors import ImportFailed

if TYPE_CHECKING:
    from pathlib import Path

FORMATS: Final = ("xes", "csv", "parquet", "ocel-json", "ocel-xml", "ocel-sqlite", "ocel1-json", "otlp-json")

_HEAD: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_STARTS: Final = ((b"PAR1", "parquet"), (b"SQLite format 3\0", "ocel-sqlite"))
_JSON_KEYS: Final = (
    (re.compile(rb'"resourceSpans"\s*:'), "otlp-json"),
    (re.compile(rb'"ocel:(global-log|global-event|global-object|events|objects)"\s*:'), "ocel1-json"),
    (re.compile(rb'"(objectTypes|eventTypes|objects|events)"\s*:'), "ocel-json"),
)
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it is in gzip. Raises ImportFailed ``not_found``."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise ImportFailed("not_found", f"{path} cannot be read: {error.strerror}.", "Check its name.") from None
    packed = raw.read(2) == _GZIP
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[return-value]


def format_of(path: Path) -> str:
    """One of ``FORMATS``. Raises ImportFailed ``unknown_format``."""
    with opened(path) as stream:
        try:
            head = stream.read(_HEAD)
        except (OSError, EOFError) as error:
            raise ImportFailed("unreadable", f"{path} cannot be unpacked: {error}.", "Fetch the file again.") from None
    found = _told_by(head)
    if not found:
        hint = "Name the format with --format; docs/import.md lists them."
        raise ImportFailed("unknown_format", f"{path}: nobody can tell what format this is.", hint)
    return found


def _told_by(head: bytes) -> str:
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    for bom in _BOMS:
        head = head.removeprefix(bom)
    text = head.lstrip()
    if text.startswith(b"<"):
        if re.search(rb"<(object-types|event-types|objects)\b", head):
            return "ocel-xml"
        return "xes" if re.search(rb"<log\b", head) else ""
    if text.startswith(b"{"):
        return next((kind for pattern, kind in _JSON_KEYS if pattern.search(head)), "")
    line = text.partition(b"\n")[0]
    return "csv" if re.search(rb"[,;\t|]", line) and b"\0" not in head.replace(b"\xff\xfe", b"")[:1024] else ""


def stem(path: Path) -> str:
    """The name of a file without what tells its format."""
    name = path.name
    while True:
        shorter = re.sub(
            r"(?i)\.(gz|xes|csv|tsv|txt|parquet|json|jsonl|jsonocel|xmlocel|xml|sqlite|db|ocel)$", "", name
        )
        if shorter in {name, ""}:
            return name
        name = shorter
