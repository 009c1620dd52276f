"""XES (IEEE 1849): traces of events, read as the bytes come. Entities are not expanded, nothing else is fetched."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final
from xml.parsers import expat

from importing.errors import ImportFailed, Place
from importing.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK: Final = 1 << 18
_VALUES: Final = frozenset({"string", "date", "int", "float", "boolean", "id"})
_NESTS: Final = frozenset({"list", "container", "values"})


def read_xes(stream: IO[bytes], name: str) -> Iterator[list[Record]]:
    """The traces of a log in the order of the file, each a list of its events in the order of the file.

    Raises ImportFailed ``unreadable`` where the file is no XML any more.
    """
    state = _Log(name)
    parser = hardened(state.open, state.close)
    state.parser = parser
    while chunk := stream.read(_CHUNK):
        feed(parser, chunk, name, final=False)
        yield from state.taken()
    feed(parser, b"", name, final=True)
    yield from state.taken()


def hardened(opened: Any, closed: Any, text: Any = None) -> Any:
    """An expat parser that refuses document types, and with them every entity but XML's own five."""
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    return parser


def _refuse_doctype(*_details: Any) -> None:
    raise ImportFailed(
        "unreadable", "The file declares a document type or entities.", "A log needs none; remove the declaration."
    )


def feed(parser: Any, chunk: bytes, name: str, *, final: bool) -> None:
    """Give the parser more; raises ImportFailed ``unreadable`` with the line where it is no XML any more."""
    try:
        parser.Parse(chunk, final)
    except expat.ExpatError as error:
        raise ImportFailed(
            "unreadable",
            f"{name}, line {error.lineno:,}: this is not well-formed XML ({expat.ErrorString(error.code)}).",
            "What stands before it was read; mend the file from there.",
        ) from None


class _Log:
    """The state of the parser: which element is open, what was read of it."""

    def __init__(self, name: str) -> None:
        self.parser: Any = None
        self._name = name
        self._ready: list[list[Record]] = []
        self._log: dict[str, Any] = {}
        self._trace: dict[str, Any] | None = None
        self._events: list[Record] = []
        self._event: dict[str, Any] | None = None
        self._line = 0
        self._path: list[str] = []
        self._skipped = 0
        self._numbered = 0

    def taken(self) -> list[list[Record]]:
        ready, self._ready = self._ready, []
        return ready

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipped:
            self._skipped += 1
        elif tag in _VALUES:
            self._value(tag, attributes)
        elif tag in _NESTS:
            self._path.append(attributes.get("key", ""))
        elif tag == "event":
            self._event = {}
            self._line = self.parser.CurrentLineNumber
        elif tag == "trace":
            self._numbered += 1
            self._trace, self._events = dict(self._log), []
        elif tag in {"global", "classifier", "extension"}:
            self._skipped = 1

    def close(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif tag in _VALUES or tag in _NESTS:
            self._path.pop()
        elif tag == "event":
            self._end_event()
        elif tag == "trace":
            self._end_trace()

    def _value(self, tag: str, attributes: dict[str, str]) -> None:
        key = attributes.get("key", "")
        if self._path:
            key = "/".join((*filter(None, self._path), key))
        self._path.append(attributes.get("key", ""))
        value: Any = attributes.get("value", "")
        if tag == "boolean":
            value = value.strip().lower() in {"true", "1"}
        if self._event is not None:
            self._event[key] = value
        elif self._trace is not None:
            self._trace["case:" + key] = value
        else:
            self._log["log:" + key] = value

    def _end_trace(self) -> None:
        trace = str((self._trace or {}).get("case:concept:name") or f"number {self._numbered}")
        for record in self._events:
            record.trace = trace
        if self._events:
            self._ready.append(self._events)
        self._trace, self._events = None, []

    def _end_event(self) -> None:
        values, self._event = self._event or {}, None
        place = Place(self._name, self._line)
        if self._trace is None:  # an event of no trace
            self._ready.append([Record(place, 1, values, self._log)])
            return
        # The trace's dictionary is shared by its events, so attributes that follow them in the file count as well.
        self._events.append(Record(place, len(self._events) + 1, values, self._trace))
