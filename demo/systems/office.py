"""Office hours: people decide from Monday to Friday, 07:00 to 17:00 UTC."""

from datetime import datetime, timedelta

OPENS, CLOSES = 7, 17


def after_office_time(start: datetime, seconds: float) -> datetime:
    """The instant at which ``seconds`` of office time have passed since ``start``."""
    at, left = _open_from(start), timedelta(seconds=seconds)
    while at + left > _closing(at):
        left -= _closing(at) - at
        at = _open_from(_closing(at))
    return at + left


def _closing(at: datetime) -> datetime:
    return at.replace(hour=CLOSES, minute=0, second=0, microsecond=0)


def _open_from(at: datetime) -> datetime:
    opening = at.replace(hour=OPENS, minute=0, second=0, microsecond=0)
    if at >= _closing(at):
        opening += timedelta(days=1)
    while opening.weekday() >= 5:
        opening += timedelta(days=1)
    return max(at, opening) if opening.date() == at.date() else opening
