"""How often what happens, and when: rates that fall as the automation gets better, and one bad week at the carrier."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Policy:
    """Probabilities per order, parcel or attempt at a given instant.

    ``start`` and ``end`` frame the period over which manual work slowly gives way; between ``outage`` the carrier's
    booking desk fails more often than it answers. Outside the frame the nearest end of it holds.
    """

    start: datetime
    end: datetime
    outage: tuple[datetime, datetime] | None = None

    def progress(self, at: datetime) -> float:
        """0 at the start of the period, 1 at its end."""
        return min(1.0, max(0.0, (at - self.start) / (self.end - self.start)))

    def approval_limit(self, at: datetime) -> int:
        """Orders above this value (in their own currency) need a person's approval; the limit rises step by step."""
        return 900 + 100 * round(7 * self.progress(at))

    def bad_address(self, _at: datetime) -> float:
        return 0.15

    def address_mended_by_machine(self, at: datetime) -> float:
        """Of the bad addresses, how many the address service corrects without a person."""
        return 0.1 + 0.75 * self.progress(at)

    def stock_out(self, at: datetime) -> float:
        return 0.07 - 0.025 * self.progress(at)

    def booking_refused(self, at: datetime) -> float:
        """429: too many bookings."""
        return 0.42 if self._out(at) else 0.05

    def booking_stalls(self, at: datetime) -> float:
        """The desk answers after everybody has given up waiting."""
        return 0.30 if self._out(at) else 0.025

    def payment_declined(self, at: datetime) -> float:
        return 0.05 - 0.02 * self.progress(at)

    def _out(self, at: datetime) -> bool:
        return self.outage is not None and self.outage[0] <= at < self.outage[1]


def steady_policy() -> Policy:
    """The rates of today, for the live systems: manual work is at the level the history starts with, no outage."""
    return Policy(start=datetime(9000, 1, 1, tzinfo=UTC), end=datetime(9001, 1, 1, tzinfo=UTC))


def policy_of_history(start: datetime, until: datetime) -> Policy:
    """An improvement over the whole period and an outage from Tuesday to Friday of the week two thirds in."""
    weeks = (until - start) // timedelta(weeks=1)
    tuesday = start + timedelta(weeks=weeks * 2 // 3, days=1, hours=6)
    return Policy(start=start, end=until, outage=(tuesday, tuesday + timedelta(days=3, hours=4)))
