"""Log lines: text for people or JSON for machines, on stderr, without a key in them."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import TracebackType

    from server.settings import Settings

_PARTS: Final = (
    "access", "cases", "collector", "common", "dashboards", "demo", "exporting", "flowtrail", "importing", "query_api",
    "server", "store", "store_server",
)  # fmt: skip
"""Whose lines follow the level that is set. Libraries say what went wrong only: some log whole requests below that."""

_LONGEST: Final = 8192
"""Characters of a message or a traceback; an error of a store may quote what it could not read."""

_SECRET: Final = re.compile(
    r"(?P<key>ftk_[a-z0-9]{1,32}_)[A-Za-z0-9-]+"
    r"|(?P<bearer>\b(?:bearer|basic)\s+)[A-Za-z0-9+/=._~-]{8,}"
    r"|(?P<url>://[^/\s:@]+:)[^/\s@]+(?=@)",
    re.IGNORECASE,
)
_BUILT_IN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class TextLines(logging.Formatter):
    """A line for people; its fields follow in brackets."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The line without a traceback."""
        fields = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        return super().formatMessage(record) + (f" [{fields}]" if fields else "")

    def format(self, record: logging.LogRecord) -> str:
        """The whole text."""
        return without_secrets(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object on a line: time, level, logger, message, the record's own fields, and error with a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        line |= {name: _plain(value) for name, value in fields_of(record).items() if name not in line}
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


class _Stderr(logging.StreamHandler[IO[str]]):
    """Writes to what stderr is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> IO[str]:  # type: ignore[override]
        return sys.stderr


def configure(settings: Settings) -> None:
    """Write this process's log lines to stderr as ``settings`` say, uncaught errors too."""
    handler = _Stderr()
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    level = settings.log_level.upper()
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for part in _PARTS:
        logging.getLogger(part).setLevel(level)
    logging.captureWarnings(capture=True)
    if settings.log_format == "json":
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller gave as ``extra``."""
    return {name: value for name, value in vars(record).items() if name not in _BUILT_IN}


def without_secrets(text: str) -> str:
    """``text`` with keys and passwords left out, and cut if it is very long."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text) - _LONGEST:,} characters more)"
    return _SECRET.sub(lambda match: f"{match['key'] or match['bearer'] or match['url']}***", text)


def _plain(value: object) -> object:
    return without_secrets(value) if isinstance(value, str) else value


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("server").critical("The program ends with a defect.", exc_info=(kind, error, trace))


def _uncaught_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
        name = found.thread.name if found.thread else "?"
        about = (type(found.exc_value), found.exc_value, found.exc_traceback)
        logging.getLogger("server").critical("The thread %s ends with a defect.", name, exc_info=about)
