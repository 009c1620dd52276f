"""The carrier: another company's system. It knows parcels by tracking number (TRK…) and whose package they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flowtrail

from demo.systems.numbers import Series, tracking_number
from demo.systems.people import COURIERS
from demo.systems.prices import price
from demo.systems.process import main
from demo.systems.service import Answers, Parts, Service
from demo.transport import Call, Handler, Reply

HOUR = 3600.0
DAY = 24 * HOUR
STALL_S = 20.0


@dataclass(frozen=True)
class Parcel:
    """One parcel on its way; ``key`` tells the dice which it is."""

    tracking: str
    package: str
    key: str
    currency: str


class Carrier(Service):
    """Books, carries, delivers."""

    system = "carrier"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._numbers = Series(tracking_number, parts.series)
        self._answers = Answers()
        self._knocks: dict[str, int] = {}

    def routes(self) -> Mapping[str, Handler]:
        return {"/bookings": self.book}

    async def book(self, call: Call) -> Reply:
        """201 with the tracking number; 429 when the desk is busy. When it stalls, it books and answers too late."""
        package, key = call.body["package"], call.body["key"]
        knock = self._knocks[package] = self._knocks.get(package, 0) + 1
        known = await self._answers.repeat(f"book:{package}")
        if known:
            with (
                flowtrail.extract(call.headers),
                self.flow.objects(package=package, tracking=known.body["tracking"]) as scope,
            ):
                await self.repeat(scope, f"book:{package}", package=package, tracking=known.body["tracking"])
            return known
        now = self.clock.now()
        await self.clock.work(0.2)
        if self.dice.chance("refused", f"{key}/{knock}", self.policy.booking_refused(now)):
            return Reply(429, {"error": "too many bookings, try again later"})
        stalls = self.dice.chance("stalls", f"{key}/{knock}", self.policy.booking_stalls(now))
        return await self._answers.work_out(f"book:{package}", lambda: self._book(call, stalls=stalls))

    async def _book(self, call: Call, *, stalls: bool) -> Reply:
        body = call.body
        parcel = Parcel(self._numbers.next(), body["package"], body["key"], body["currency"])
        refs = {"package": parcel.package, "tracking": parcel.tracking}
        with (
            flowtrail.extract(call.headers),
            self.flow.objects(package=parcel.package, tracking=parcel.tracking) as scope,
            scope.step("register-parcel", action="create", idempotency_key=f"book:{parcel.package}"),
            self.truth.act("register-parcel", refs=refs, action="create", idempotency_key=f"book:{parcel.package}"),
        ):
            await self.clock.work(self.dice.between("registering", parcel.key, 0.3, 1.0))
        self.truth.fact("registered", **refs)
        self.spawn(self._carry(parcel))
        if stalls:
            await self.clock.work(STALL_S)
        return Reply(201, {"tracking": parcel.tracking})

    async def _carry(self, parcel: Parcel) -> None:
        """From here on only the tracking number is known, in a trace of its own."""
        await self.clock.wait(self.dice.between("line haul", parcel.key, 8 * HOUR, 24 * HOUR))
        with self.flow.objects(tracking=parcel.tracking) as scope:
            await self._scan(scope, parcel)
            await self.clock.wait(self.dice.between("last mile", parcel.key, 5 * HOUR, 14 * HOUR))
            result = await self._deliver(scope, parcel)
            report = {"package": parcel.package, "tracking": parcel.tracking, "result": result}
            await self.call("wms", "/parcels", report)

    async def _scan(self, scope: flowtrail.Scope, parcel: Parcel) -> None:
        """Old hand scanners do not say who holds them."""
        old = self.dice.chance("scanner", parcel.key, 0.03)
        actor = ("unknown", "") if old else ("service", "sorting-line")
        said: dict[str, Any] = {"actor": "unknown" if old else actor}
        with (
            scope.step("scan-parcel", **said),
            self.truth.act("scan-parcel", refs={"tracking": parcel.tracking}, actor=actor),
        ):
            await self.clock.work(0.2)

    async def _deliver(self, scope: flowtrail.Scope, parcel: Parcel) -> str:
        """Ring, and come back the next day if nobody opens; ``delivered`` or ``refused``."""
        for number in (1, 2, 3):
            result = await self._ring(scope, parcel, number)
            if result != "absent":
                return result
            await self.clock.wait(DAY)
        return "refused"

    async def _ring(self, scope: flowtrail.Scope, parcel: Parcel, number: int) -> str:
        result = self._who_opens(parcel, number)
        cost = price("deliver-parcel", parcel.currency)
        courier = ("human", self.dice.pick("courier", f"{parcel.key}/{number}", COURIERS))
        said: dict[str, Any] = {"attempt": number, "actor": courier, "action": "deliver", "cost": cost}
        with (
            scope.step("deliver-parcel", **said) as step,
            self.truth.act("deliver-parcel", refs={"tracking": parcel.tracking}, **said) as act,
        ):
            await self.clock.wait(90)
            if result != "delivered":
                step.business_error(f"recipient-{result}", "the parcel could not be handed over")
                act.failed("business", f"recipient-{result}")
        return result

    def _who_opens(self, parcel: Parcel, number: int) -> str:
        if self.dice.chance("refusal", parcel.key, 0.012):
            return "refused"
        absent = self.dice.chance("absence", f"{parcel.key}/{number}", 0.09)
        return "absent" if absent else "delivered"


if __name__ == "__main__":
    main(Carrier)
