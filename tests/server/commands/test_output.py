"""The file that a command writes appears when it is complete; one that cannot be written is an error in a sentence."""

import os
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server.cli import main
from server.commands.output import output_file


def unwritable(directory: Path) -> list[Path]:
    """Names that nobody can write, root included."""
    (directory / "file").write_text("here")
    return [directory / "missing" / "out", directory / "file" / "out", directory / ("x" * 300)]


def test_a_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"earlier")
    with output_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"earlier"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_earlier_file_as_it_was(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"earlier")
    with pytest.raises(ZeroDivisionError), output_file(path) as file:
        _ = file.write(b"half") / 0
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_named(tmp_path):
    for path in unwritable(tmp_path):
        with pytest.raises(click.ClickException, match="cannot be written") as refused, output_file(path) as file:
            file.write(b"x")
        assert refused.value.message.startswith(f"{path} cannot be written: ")
        assert refused.value.message.endswith("Choose another file, or check its directory.")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_an_error_about_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="other"), output_file(tmp_path / "out"):
        (tmp_path / "other").read_bytes()
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_named():
    with (
        pytest.raises(click.ClickException, match=r"^/dev/full cannot be written: No space left on device\. Choose"),
        output_file(Path("/dev/full")) as file,
    ):
        file.write(b"x")


def test_a_pipe_is_written_in_place(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    with output_file(path) as file:
        file.write(b"x")
    reader.join()
    assert (read, path.is_fifo()) == ([b"x"], True)


@pytest.mark.parametrize("words", [("export", "--flow", "claim", "-o"), ("flows", "infer", "claim", "--out")])
def test_commands_say_so_in_a_sentence(tmp_path, words):
    for path in unwritable(tmp_path)[:2]:
        done = CliRunner().invoke(main, [*words, str(path), "--data", str(tmp_path / "data")])
        assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
        assert f"Error: {path} cannot be written: " in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0"),
        ("cases", "verify"),
        ("import", __file__),
        ("deadletters", "list"),
        ("policy", "report"),
        ("export", "--flow", "claim"),
        ("keys", "create", "--scope", "read"),
    ],
)
def test_a_data_directory_that_cannot_be_used_is_an_error_in_a_sentence(tmp_path, words):
    (tmp_path / "file").write_text("here")
    done = CliRunner().invoke(main, [*words, "--data", str(tmp_path / "file" / "data")])
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit), done.output
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.output
