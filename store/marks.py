"""Statements that are put together from files. The one syntax for it is a mark: ``@name``.

- Where a mark stands in a statement, :func:`fill` puts the text of that name.
- On a comment line of its own, ``-- @name``, a mark begins a section: :func:`sections` reads the lines up to the next
  such line as the text of that name.
- ``@include(path)`` stands for the text of another file; :func:`include` puts it there.

ClickHouse's own parameters, ``{name:Type}``, are left alone: what a caller sent travels in those, never in the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MARK: Final = re.compile(r"(?P<indent>^ *)?@(?P<name>\w+)(?P<end>\n)?", re.MULTILINE)
_SECTION: Final = re.compile(r"^-- @(?P<name>\w+)\n", re.MULTILINE)
_INCLUDE: Final = re.compile(r"@include\(([\w/]+)\)")


def fill(text: str, texts: Mapping[str, str]) -> str:
    """``text`` with each mark replaced by the text of its name. Raises ValueError for a mark that ``texts`` lacks.

    ``fill("GROUP BY Bucket@more", {"more": ", Step"})`` is ``"GROUP BY Bucket, Step"``.
    """

    def filling(mark: re.Match[str]) -> str:
        if mark["name"] not in texts:
            known = ", ".join(sorted(texts))
            raise ValueError(f"The statement has the mark @{mark['name']}; there are texts for {known} only.")
        text, indent, end = texts[mark["name"]].strip("\n"), mark["indent"], mark["end"] or ""
        if indent is None:
            return text + end
        # A mark that is alone on its line takes the line with it: an empty text leaves no blank line behind.
        if not text and end:
            return ""
        # A mark that begins its line lends its indentation to every line of the text.
        return indent + text.replace("\n", f"\n{indent}") + end

    return _MARK.sub(filling, text)


def include(text: str, read: Callable[[str], str]) -> str:
    """``text`` with each ``@include(path)`` replaced by the text that ``read`` finds at the path."""
    return _INCLUDE.sub(lambda mark: read(mark[1]).strip(), text)


def sections(text: str) -> dict[str, str]:
    """The sections of ``text`` by name. What stands before the first one is the file's comment and is left out."""
    _, *parts = _SECTION.split(text)
    return {name: body.strip("\n") for name, body in zip(parts[::2], parts[1::2], strict=True)}
