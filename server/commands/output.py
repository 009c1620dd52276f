"""The file that a command writes."""

from __future__ import annotations

import errno
import sys
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def output_file(path: Path | None) -> Iterator[IO[bytes]]:
    """A file to write; None is standard output. It appears as ``path`` when the block has ended.

    If the block fails, an earlier file of that name stays as it was. Raises click.ClickException if the file cannot be
    written.
    """
    if path is None:
        with _explained_stdout():
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    draft = path.with_name(f"{path.name}.part")
    try:
        # A device or a pipe, such as /dev/null, is written in place: a draft would replace it by a file.
        target = path if path.exists() and not path.is_file() else draft
        with target.open("wb") as file:
            yield file
        if target is draft:
            draft.replace(path)
    except OSError as error:
        # An error that names another file comes from the block. A write that fails for lack of space names none.
        if error.filename not in {None, str(draft), str(path)}:
            raise
        raise click.ClickException(
            f"{path} cannot be written: {error.strerror or error}. Choose another file, or check its directory."
        ) from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def _explained_stdout() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # Click ends a command quietly when the reader of its pipe has gone, as with "| head".
        if error.filename is not None or error.errno == errno.EPIPE:
            raise
        raise click.ClickException(f"Standard output cannot be written: {error.strerror or error}.") from None
