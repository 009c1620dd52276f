"""Booking the carrier: a paid call to somebody else's desk, which is sometimes busy and sometimes silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flowtrail

from demo.systems.people import WAREHOUSE
from demo.systems.prices import price
from demo.transport import CallFailedError, CallTimeoutError

if TYPE_CHECKING:
    from demo.systems.service import Service
    from demo.systems.wms_goods import Package

HOUR = 3600.0
STEP = "book-carrier"
AUTOMATIC_ATTEMPTS = 4
TIMEOUT_S = 5.0


class Booking:
    """Attempts with one idempotency key, so that a desk that has heard us after all does not book twice."""

    def __init__(self, wms: Service) -> None:
        self._wms = wms
        self._clock, self._dice, self._truth = wms.clock, wms.dice, wms.truth

    async def book(self, scope: flowtrail.Scope, package: Package) -> None:
        """Try some times with growing pauses, then leave it to a person."""
        attempts = scope.attempts(
            STEP, max_attempts=AUTOMATIC_ATTEMPTS, backoff=self._wms.backoff(5.0), **self._said(package)
        )
        try:
            async for attempt in attempts:
                with attempt:
                    await self._try(package, attempt.number, {})
        except flowtrail.InfrastructureError:
            self._wms.spawn(self._book_by_hand(package))

    async def _book_by_hand(self, package: Package) -> None:
        """A person tries again until the desk answers."""
        keeper: dict[str, Any] = {
            "actor": ("human", self._dice.pick("keeper", package.key, WAREHOUSE)),
            "action": "retry",
        }
        refs = package.refs
        number = AUTOMATIC_ATTEMPTS
        with self._wms.flow.objects(package=refs["package"], item=refs["item"]) as scope:
            while True:
                number += 1
                await self._clock.person(
                    self._dice.between("desk", f"{package.key}/{number}", HOUR, 4 * HOUR), hurried=True
                )
                try:
                    with scope.step(STEP, attempt=number, **self._said(package), **keeper):
                        await self._try(package, number, keeper)
                except flowtrail.InfrastructureError:
                    continue
                return

    async def _try(self, package: Package, number: int, who: dict[str, Any]) -> None:
        said = {**self._said(package), **who}
        with self._truth.act(STEP, attempt=number, refs=package.refs, **said) as act:
            request = {"package": package.number, "key": package.key, "currency": package.currency}
            try:
                reply = await self._wms.call(
                    "carrier", "/bookings", request, timeout_s=self._clock.loop_seconds(TIMEOUT_S)
                )
            except CallTimeoutError as error:
                act.failed("infrastructure", "timeout")
                raise flowtrail.InfrastructureError("timeout", str(error)) from error
            except CallFailedError as error:
                act.failed("infrastructure", "unreachable")
                raise flowtrail.InfrastructureError("unreachable", str(error)) from error
            if reply.status == 429:
                act.failed("infrastructure", "rate-limited")
                raise flowtrail.InfrastructureError("rate-limited", "the carrier takes no more bookings just now (429)")

    @staticmethod
    def _said(package: Package) -> dict[str, Any]:
        """What every attempt carries, in the words of both accounts."""
        return {"cost": price(STEP, package.currency), "idempotency_key": f"book:{package.number}"}
