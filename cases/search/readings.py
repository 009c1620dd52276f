"""What somebody may have meant by the text they pasted: the identifier in it, when it is not the whole text."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_READINGS: Final = 8
"""Each costs a look into the store, if none before it finds anything."""

_WORDS_BEFORE: Final = 3

# Blanks that str.strip() knows not: zero width ones, and the mark at the beginning of a file.
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_QUOTES: Final = "\"'`´“”„‚‘’«»‹›"  # noqa: RUF001 - those that look like others are meant
_AROUND: Final = _QUOTES + "()[]{}<>.,;:!?#* \t\r\n\u00a0" + _INVISIBLE
_APART: Final = re.compile(r"[\s:=#|]+")
_DIGIT: Final = re.compile(r"\d")


def readings(text: str) -> tuple[str, ...]:
    """``text`` itself, then what may be meant by it, likeliest first; none is empty, and none is there twice.

    Without quotes and brackets around it; the last part of an address; what follows a word before it ("Order SO-1",
    "order: SO-1", "#SO-1"); at last each word that has a digit.
    """
    found = [text.strip().strip(_INVISIBLE).strip(), text.strip(_AROUND)]
    address = _address(found[1])
    found += _in_address(address) if address else _in_words(found[1])
    return tuple(dict.fromkeys(one for one in found if one))[:MAX_READINGS]


def _address(text: str) -> SplitResult | None:
    if "://" not in text or _APART.search(text.replace("://", "").replace("=", "").replace("#", "")):
        return None
    try:
        return urlsplit(text)
    except ValueError:
        return None


def _in_address(address: SplitResult) -> Iterator[str]:
    segments = [unquote(part) for part in address.path.split("/") if part]
    yield from segments[-1:]
    yield from (value for _, value in reversed(parse_qsl(address.query)))
    if address.fragment:
        yield unquote(address.fragment.rpartition("/")[2])
    yield from reversed(segments[:-1])


def _in_words(text: str) -> Iterator[str]:
    for gap in islice(_APART.finditer(text), _WORDS_BEFORE):
        yield text[gap.end() :].strip(_AROUND)
    yield from (word.strip(_AROUND) for word in _APART.split(text) if _DIGIT.search(word))
