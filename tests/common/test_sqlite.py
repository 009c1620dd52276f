from __future__ import annotations

import sqlite3
import threading

import pytest

from common.sqlite import switch_to_wal


def test_processes_that_open_a_new_file_together_all_get_in(tmp_path):
    path, failures = tmp_path / "new.db", []
    together = threading.Barrier(8)

    def open_it() -> None:
        connection = sqlite3.connect(path, timeout=10)
        together.wait()
        try:
            switch_to_wal(connection, patience_s=30)
        except sqlite3.OperationalError as error:
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_file_that_stays_locked_is_given_up(tmp_path):
    path = tmp_path / "locked.db"
    holder = sqlite3.connect(path)
    holder.execute("CREATE TABLE t (n)")
    holder.execute("BEGIN EXCLUSIVE")
    other = sqlite3.connect(path, timeout=0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        switch_to_wal(other, patience_s=0)
    holder.rollback()
    switch_to_wal(other, patience_s=0)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    holder.close()
