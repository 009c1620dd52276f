"""Log lines on stderr: text for people or JSON for machines, never with a key or password in them."""

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

_PACKAGES: Final = (
    "access", "cases", "collector", "common", "dashboards", "demo", "exporting", "flowtrail", "importing", "query_api",
    "server", "store", "store_server",
)  # fmt: skip
"""The packages that follow the configured level. Libraries log from warning on: below it, some log whole requests."""

_LONGEST: Final = 8192
"""Characters of a message or a traceback. An error of the store may quote what it could not read."""

_SECRET: Final = re.compile(
    r"(?P<key>ftk_[a-z0-9]{1,32}_)[A-Za-z0-9-]+"
    r"|(?P<bearer>\b(?:bearer|basic)\s+)[A-Za-z0-9+/=._~-]{8,}"
    r"|(?P<url>://[^/\s:@]+:)[^/\s@]+(?=@)",
    re.IGNORECASE,
)
_BUILT_IN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class TextLines(logging.Formatter):
    """A line for people, with its fields in brackets at the end."""

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
    """A JSON object per line: time, level, logger, message, the fields of the record, and error with the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        line |= {name: _safe(value) for name, value in fields_of(record).items() if name not in line}
        if record.exc_info:
            line["error"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


class _Stderr(logging.StreamHandler[IO[str]]):
    """Writes to the current stderr, which tests and libraries may replace."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> IO[str]:  # type: ignore[override]
        return sys.stderr


def configure(settings: Settings) -> None:
    """Set up logging of this process as ``settings`` say, uncaught errors included."""
    handler = _Stderr()
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    level = settings.log_level.upper()
    root = logging.getLogger()
    for earlier in [handler for handler in root.handlers if isinstance(handler, _Stderr)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for package in _PACKAGES:
        logging.getLogger(package).setLevel(level)
    logging.captureWarnings(capture=True)
    if settings.log_format == "json":
        sys.excepthook = _uncaught
        threading.excepthook = _uncaught_in_thread


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """The fields that the caller passed as ``extra``."""
    return {name: value for name, value in vars(record).items() if name not in _BUILT_IN}


def without_secrets(text: str) -> str:
    """``text`` with keys and passwords replaced, and cut if it is very long."""
    # Cut first, so that the pattern never runs over megabytes.
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text) - _LONGEST:,} characters more)"
    return _SECRET.sub(lambda match: f"{match['key'] or match['bearer'] or match['url']}***", text)


def _safe(value: object) -> object:
    return without_secrets(value) if isinstance(value, str) else value


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("server").critical("The program ends with a defect.", exc_info=(kind, error, trace))


def _uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    if uncaught.exc_value is not None and not isinstance(uncaught.exc_value, SystemExit):
        name = uncaught.thread.name if uncaught.thread else "?"
        error = (type(uncaught.exc_value), uncaught.exc_value, uncaught.exc_traceback)
        logging.getLogger("server").critical("The thread %s ends with a defect.", name, exc_info=error)
