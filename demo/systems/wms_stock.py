"""Reservations: taken from stock, waited for, forced by hand, or given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flowtrail

from demo.systems.people import WAREHOUSE
from demo.systems.prices import price

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.systems.service import Service
    from demo.systems.wms_goods import Job

HOUR = 3600.0
STEP = "reserve-stock"


class OutOfStockError(flowtrail.BusinessError):
    """Nobody's fault: the shelf is empty."""


class Stock:
    """The warehouse's dealings with its shelves."""

    def __init__(self, wms: Service, to_station: Callable[[Job], None]) -> None:
        self._wms = wms
        self._to_station = to_station
        self._clock, self._dice, self._truth = wms.clock, wms.dice, wms.truth

    async def reserve(self, case: flowtrail.Case, job: Job) -> bool:
        """Reserve all items of an order; a deadlock is tried again at once. False: out of stock."""
        empty = self._dice.chance("stock-out", job.reference, self._wms.policy.stock_out(self._clock.now()))
        attempts = case.attempts(STEP, max_attempts=3, backoff=self._wms.backoff(2.0), **self._said(job))
        try:
            async for attempt in attempts:
                with attempt:
                    await self._try(job, attempt.number, empty=empty)
        except OutOfStockError:
            return False
        return True

    async def _try(self, job: Job, number: int, *, empty: bool) -> None:
        with self._truth.act(STEP, order=job.order, attempt=number, **self._said(job)) as act:
            await self._clock.work(self._dice.between("shelf", f"{job.reference}/{number}", 0.1, 0.6))
            if number == 1 and self._dice.chance("deadlock", job.reference, 0.03):
                act.failed("infrastructure", "deadlock")
                raise flowtrail.InfrastructureError("deadlock", "the stock table was locked by another reservation")
            if empty:
                act.failed("business", "out-of-stock")
                raise OutOfStockError("out-of-stock", f"{job.body['lines'][0]['goods']} is not on the shelf")

    async def out_of_stock(self, job: Job) -> None:
        """Look again after some hours; then a person finds the goods elsewhere, or the order is given back."""
        taken = 2 if self._dice.chance("deadlock", job.reference, 0.03) else 1
        await self._clock.wait(self._dice.between("restocking", job.reference, 4 * HOUR, 9 * HOUR))
        with flowtrail.extract(job.headers), self._wms.flow.case() as case:
            try:
                with case.step(STEP, attempt=taken + 1, **self._said(job)):
                    await self._try(job, taken + 1, empty=True)
            except OutOfStockError:
                pass
            if self._dice.chance("found", job.reference, 0.55):
                await self._find_by_hand(case, job, taken + 2)
            else:
                await self._give_back(case, job)

    async def _find_by_hand(self, case: flowtrail.Case, job: Job, number: int) -> None:
        keeper = ("human", self._dice.pick("keeper", job.reference, WAREHOUSE))
        searching = self._dice.between("searching", job.reference, 2 * HOUR, 9 * HOUR)
        await self._clock.person(searching, hurried=job.body["hurried"])
        edit: dict[str, Any] = {"actor": keeper, "action": "edit"}
        with case.step("edit-backorder", **edit), self._truth.act("edit-backorder", order=job.order, **edit):
            await self._clock.wait(60)
        said = {**self._said(job), "actor": keeper, "action": "retry"}
        await self._clock.wait(30)
        with case.step(STEP, attempt=number, **said), self._truth.act(STEP, order=job.order, attempt=number, **said):
            await self._clock.work(0.5)
        self._to_station(job)

    async def _give_back(self, case: flowtrail.Case, job: Job) -> None:
        undo: dict[str, Any] = {"kind": "compensation", "compensates": STEP, "refs": job.refs}
        await self._clock.work(1.0)
        with case.step("release-stock", **undo), self._truth.act("release-stock", order=job.order, **undo):
            await self._clock.work(0.4)
        await self._wms.call("erp", "/stock-outs", {"order": job.order})

    def _said(self, job: Job) -> dict[str, Any]:
        """What every attempt carries, in the words of both accounts."""
        return {
            "cost": price(STEP, job.body["currency"]),
            "idempotency_key": f"reserve:{job.order}",
            "refs": job.refs,
        }
