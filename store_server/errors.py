"""What goes wrong, in the words and numbers that clients of ClickHouse know."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

import chdb

if TYPE_CHECKING:
    from collections.abc import Iterator

AUTHENTICATION_FAILED: Final = 516
UNKNOWN_EXCEPTION: Final = 1002

# Source: ClickHouse's src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; all others are 500.
_STATUS: Final = {
    **dict.fromkeys((6, 8, 15, 25, 26, 27, 36, 38, 41, 44, 53, 62, 72, 117, 321, 376, 427), 400),
    **dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 81, 115, 372), 404),
    **dict.fromkeys((159,), 408),
    **dict.fromkeys((131, 161), 413),
    **dict.fromkeys((48,), 501),
    **dict.fromkeys((76, 202, 209, 439), 503),
    **dict.fromkeys((194, 516), 401),
    **dict.fromkeys((291, 497), 403),
}
_CODE: Final = re.compile(r"Code: (\d+)\.")


class ServerError(Exception):
    """An exception as ClickHouse writes it: numeric code and text. ``status`` is that of HTTP."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        start = text.find("Code: ")
        self.text = text[max(start, 0) :].strip()
        code = _CODE.match(self.text)
        self.code = int(code[1]) if code else UNKNOWN_EXCEPTION
        self.status = status or _STATUS.get(self.code, 500)
        super().__init__(self.text)


def refusal(code: int, name: str, message: str, *, status: int | None = None) -> ServerError:
    """A refusal of this server's own, in the shape of the engine's."""
    return ServerError(f"Code: {code}. DB::Exception: {message} ({name})", status=status)


def denied(message: str) -> ServerError:
    """Something that no reader may do."""
    return refusal(497, "ACCESS_DENIED", message)


def syntax(message: str) -> ServerError:
    return refusal(62, "SYNTAX_ERROR", f"Syntax error: {message}")


@contextlib.contextmanager
def engine_errors() -> Iterator[None]:
    """The engine's errors as ours."""
    try:
        yield
    except (RuntimeError, chdb.ChdbError) as error:
        raise ServerError(str(error)) from error
    except UnicodeDecodeError as error:  # chdb cannot say an error that quotes half a character
        raise ServerError(error.object.decode(errors="replace")) from error
