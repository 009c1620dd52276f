"""Multipart forms: parameters that are too long for an address, and the rows of external tables."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(rb'[; ]name="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Form:
    """``fields`` are text by name; ``files`` are the contents of files by name."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def parse_form(content_type: str, body: bytes) -> Form:
    """Read a form. Raises ValueError for one that cannot be read."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError(f"{content_type!r} names no boundary.")
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    form = Form()
    for part in parts[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is None:
            raise ValueError("A part of the form has no name.")
        if b"filename=" in head:
            form.files[name[1].decode()] = value
        else:
            form.fields[name[1].decode()] = value.decode()
    return form
