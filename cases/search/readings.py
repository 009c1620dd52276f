"""Which identifiers a pasted text may mean: the text itself, or an identifier inside it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_READINGS: Final = 8
"""Each reading costs a query, unless an earlier one finds a case."""

_WORDS_BEFORE: Final = 3

# Blanks that str.strip() does not know: zero-width ones and the byte order mark.
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_QUOTES: Final = "\"'`´“”„‚‘’«»‹›"  # noqa: RUF001 - look-alikes are meant
_AROUND: Final = _QUOTES + "()[]{}<>.,;:!?#* \t\r\n\u00a0" + _INVISIBLE
_APART: Final = re.compile(r"[\s:=#|]+")
_DIGIT: Final = re.compile(r"\d")


def readings(text: str) -> tuple[str, ...]:
    """``text`` itself, then the identifiers it may mean, the most likely first. None is empty, none appears twice.

    The order: without surrounding quotes and brackets; the last part of a URL; what follows a word ("Order SO-1",
    "order: SO-1", "#SO-1"); each word with a digit.

        >>> readings("Order SO-1")
        ('Order SO-1', 'SO-1')
    """
    bare = text.strip(_AROUND)
    url = _url(bare)
    texts = [text.strip().strip(_INVISIBLE).strip(), bare, *(_in_url(url) if url else _in_words(bare))]
    return tuple(dict.fromkeys(filter(None, texts)))[:MAX_READINGS]


def _url(text: str) -> SplitResult | None:
    # A URL has no blanks or separators of its own besides ://, = and #; anything else is a sentence with a URL in it.
    if "://" not in text or _APART.search(text.replace("://", "").replace("=", "").replace("#", "")):
        return None
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _in_url(url: SplitResult) -> Iterator[str]:
    segments = [unquote(part) for part in url.path.split("/") if part]
    yield from segments[-1:]
    yield from (value for _, value in reversed(parse_qsl(url.query)))
    if url.fragment:
        yield unquote(url.fragment.rpartition("/")[2])
    yield from reversed(segments[:-1])


def _in_words(text: str) -> Iterator[str]:
    for gap in islice(_APART.finditer(text), _WORDS_BEFORE):
        yield text[gap.end() :].strip(_AROUND)
    yield from (word.strip(_AROUND) for word in _APART.split(text) if _DIGIT.search(word))
