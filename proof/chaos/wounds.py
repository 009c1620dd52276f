"""What is done by hand to the log of a dead collector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.durable_log.record import HEADER_BYTES, Record, encode, scan
from collector.durable_log.segment import Position, segment_numbers, segment_path
from collector.signals import SHAPES, items
from collector.writer.progress import WriterProgress
from proof.chaos.ledger import SpanKey, log_key
from proof.chaos.orders import NUMBER
from proof.chaos.plan import BODY, TORN
from store.intake import Envelope, Signal

if TYPE_CHECKING:
    import random
    from pathlib import Path


def tear(log_dir: Path, wound: str, dice: random.Random) -> None:
    """Leave behind the newest file what a write that was cut short leaves there."""
    numbers = segment_numbers(log_dir)
    if not numbers:
        return
    whole = b"".join(encode(Envelope("default", dice.getrandbits(60), dice.randbytes(500))))
    size = dice.randint(1, len(whole) - 1)
    with segment_path(log_dir, numbers[-1]).open("ab") as file:
        file.write(whole[:size] if wound == TORN else bytes(size))


def damage(log_dir: Path, wound: str, dice: random.Random) -> tuple[str, set[SpanKey]]:
    """Flip one byte of a record that waits to be stored, in its body or in its header.

    Returns the end of the id that its dead letter must have, and the spans that were in the bytes that can no longer be
    read: those of the record, or with a damaged header all behind it in the file. ("", nothing) if nothing waits.
    """
    waiting = _waiting(log_dir)
    if not waiting:
        return "", set()
    number = dice.choice(sorted(waiting))
    records = waiting[number]
    index = dice.randrange(max(1, len(records) - 1))
    start, record = records[index]
    at = dice.randrange(start + HEADER_BYTES, record.end) if wound == BODY else dice.randrange(start, start + 4)
    with segment_path(log_dir, number).open("r+b") as file:
        file.seek(at)
        (byte,) = file.read(1)
        file.seek(at)
        file.write(bytes([byte ^ dice.randint(1, 255)]))
    lost = [record] if wound == BODY else [one for _, one in records[index:]]
    return f"log-{number}-{start}", {key for one in lost for key in span_keys(one)}


def span_keys(record: Record) -> list[SpanKey]:
    shape = SHAPES[record.envelope.signal]
    found = items(shape, shape.request.FromString(record.envelope.request))
    if shape.signal is Signal.LOGS:
        return [log_key(value) for one in found for value in _numbers(one)]
    return [SpanKey(span.trace_id.hex(), span.span_id.hex()) for span in found]


def _numbers(log: Any) -> list[int]:
    return [one.value.int_value for one in log.attributes if one.key == NUMBER]


def _waiting(log_dir: Path) -> dict[int, list[tuple[int, Record]]]:
    """The records behind what the writer has done, by file, each with the offset at which it starts."""
    progress = WriterProgress(log_dir)
    plan = progress.plan
    progress.close()
    done = plan.end if plan.done else plan.start
    found: dict[int, list[tuple[int, Record]]] = {}
    for number in segment_numbers(log_dir):
        start = 0
        for item in scan(segment_path(log_dir, number).read_bytes()):
            if isinstance(item, Record) and Position(number, start) >= done:
                found.setdefault(number, []).append((start, item))
            start = item.end
    return found
