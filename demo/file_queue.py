"""A real message queue that needs no server: one SQLite file shared by the processes.

Delivery is at least once. A received message is invisible for ``visibility_s``; who does not acknowledge it in time
loses it to the next receiver. Headers travel beside the body and carry the trace context.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.sqlite import switch_to_wal

_BUSY_S = 10.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    headers TEXT NOT NULL,
    visible_at REAL NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS messages_by_time ON messages (visible_at, id);
"""

TAKE = """
UPDATE messages SET visible_at = :until, deliveries = deliveries + 1
WHERE id = (SELECT id FROM messages WHERE visible_at <= :now ORDER BY visible_at, id LIMIT 1)
RETURNING id, body, headers, deliveries
"""


@dataclass(frozen=True)
class Message:
    """One delivery of a message; ``deliveries`` counts from 1 and is the receipt that proves whose turn it is."""

    id: int
    body: dict[str, Any]
    headers: dict[str, str]
    deliveries: int


class FileQueue:
    """One queue in one SQLite file (or ``:memory:`` within one process). Times are in seconds of ``now``.

    Every operation is one transaction, so a process that dies in between leaves a message either untouched or in flight
    until its visibility ends. ``on_send`` is called after each send, for receivers in the same process.
    """

    def __init__(
        self,
        path: Path | str,
        now: Callable[[], float],
        *,
        visibility_s: float = 30.0,
        on_send: Callable[[], None] | None = None,
    ) -> None:
        self._now = now
        self._visibility_s = visibility_s
        self.on_send = on_send
        self._db = sqlite3.connect(str(path), timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        switch_to_wal(self._db, _BUSY_S)
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def send(self, body: Mapping[str, Any], headers: Mapping[str, str], *, delay_s: float = 0.0) -> None:
        """Append a message; it becomes visible ``delay_s`` from now."""
        row = (json.dumps(body), json.dumps(dict(headers)), self._now() + delay_s)
        self._db.execute("INSERT INTO messages (body, headers, visible_at) VALUES (?, ?, ?)", row)
        if self.on_send:
            self.on_send()

    def receive(self) -> Message | None:
        """Take the oldest visible message, or None; acknowledge it before its visibility ends."""
        now = self._now()
        with self._cursor() as cursor:
            rows = cursor.execute(TAKE, {"now": now, "until": now + self._visibility_s}).fetchall()
        if not rows:
            return None
        number, body, headers, deliveries = rows[0]
        return Message(number, json.loads(body), json.loads(headers), deliveries)

    def ack(self, message: Message) -> bool:
        """Remove it for good; False if it was delivered again in the meantime and is no longer this receiver's."""
        row = (message.id, message.deliveries)
        with self._cursor() as cursor:
            return cursor.execute("DELETE FROM messages WHERE id = ? AND deliveries = ?", row).rowcount == 1

    def release(self, message: Message, *, delay_s: float = 0.0) -> bool:
        """Give it back before its visibility ends; False if it is no longer this receiver's."""
        row = (self._now() + delay_s, message.id, message.deliveries)
        with self._cursor() as cursor:
            changed = cursor.execute("UPDATE messages SET visible_at = ? WHERE id = ? AND deliveries = ?", row)
            return changed.rowcount == 1

    def next_visible_at(self) -> float | None:
        """When the next message becomes visible (possibly in the past); None if the queue is empty."""
        with self._cursor() as cursor:
            moment: float | None = cursor.execute("SELECT min(visible_at) FROM messages").fetchone()[0]
        return moment

    def __len__(self) -> int:
        """All messages not yet acknowledged, in flight or waiting."""
        with self._cursor() as cursor:
            return int(cursor.execute("SELECT count(*) FROM messages").fetchone()[0])

    def close(self) -> None:
        self._db.close()

    def _cursor(self) -> AbstractContextManager[sqlite3.Cursor]:
        return closing(self._db.cursor())
