from __future__ import annotations

import errno

import pytest

from collector.files import private_directory, write_whole


def mode(path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_directory_is_private_even_if_it_existed(tmp_path):
    directory = tmp_path / "new" / "directory"
    private_directory(directory)
    assert mode(directory) == 0o700
    directory.chmod(0o755)
    private_directory(directory)
    assert mode(directory) == 0o700


def test_a_directory_shared_by_design_stays_and_a_warning_says_so(tmp_path, caplog):
    tmp_path.chmod(0o1777)
    private_directory(tmp_path)
    assert mode(tmp_path) == 0o1777
    assert "Other users may see" in caplog.text


def test_a_file_appears_whole_for_its_owner_or_not_at_all(tmp_path, monkeypatch):
    write_whole(tmp_path / "file.txt", b"one ", b"whole")
    assert ((tmp_path / "file.txt").read_bytes(), mode(tmp_path / "file.txt")) == (b"one whole", 0o600)

    def refuse(_fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "file.txt", b"another")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"one whole"]
