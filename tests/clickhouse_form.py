"""Multipart forms as clickhouse-connect sends them when bound parameters are too long for an address."""

import re
from typing import Final

_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(rb'name="([^"]*)"')


def parse_form(content_type: str, body: bytes) -> dict[str, str]:
    """The text fields of a form by name. Raises ValueError for files (external tables): they are not served."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError(f"{content_type!r} names no boundary.")
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())
    return dict(_field(part) for part in parts[1:-1])


def _field(part: bytes) -> tuple[str, str]:
    head, _, value = part.partition(b"\r\n\r\n")
    name = _NAME.search(head)
    if name is None or b"filename=" in head:
        raise ValueError("Only text fields are read from a form.")
    return name[1].decode(), value.decode()
