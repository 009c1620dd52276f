"""The warehouse: reserves items (IT-…), packs them into packages (PK-…) and books the carrier.

Orders come through the queue. Once items lie on a packing station only item and package ids are known: a package holds
whatever its customer has ordered, of however many orders.
"""

from collections.abc import Mapping

import flowtrail

from demo.file_queue import Message
from demo.systems.consumer import consume
from demo.systems.numbers import Series, item_number, package_number
from demo.systems.process import main
from demo.systems.service import Parts, Service
from demo.systems.wms_booking import Booking
from demo.systems.wms_goods import Item, Job, Package
from demo.systems.wms_stock import Stock
from demo.transport import Call, Handler, Reply

HOUR = 3600.0
BOX = 4


class Wms(Service):
    """Reserve, pack, book; and tell the erp when all parcels of an order are through."""

    system = "wms"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._item_numbers = Series(item_number, parts.series)
        self._package_numbers = Series(package_number, parts.series)
        self._jobs: dict[str, Job] = {}
        self._stations: dict[str, list[Item]] = {}
        self._packages: dict[str, Package] = {}
        self._reported: set[str] = set()
        self._stock, self._booking = Stock(self, self.to_station), Booking(self)

    def routes(self) -> Mapping[str, Handler]:
        return {"/parcels": self.parcel}

    def start(self) -> None:
        self.spawn(consume(self.parts.queue, self.parts.bell, self.take_in))

    async def take_in(self, message: Message) -> bool:
        """Reserve what an order needs. A worker may die after its work and before it acknowledges the message."""
        order = message.body["order"]
        with flowtrail.extract(message.headers), self.flow.case() as case:  # the case is named by the message's headers
            if order in self._jobs:
                await self.repeat(case, f"reserve:{order}", order=order)
                return True
            job = self._jobs[order] = self._open(message)
            if await self._stock.reserve(case, job):
                self.to_station(job)
            else:
                self.spawn(self._stock.out_of_stock(job))
        return message.deliveries > 1 or not self.dice.chance("worker-dies", job.reference, 0.01)

    def _open(self, message: Message) -> Job:
        job = Job(message.body["order"], message.body, message.headers)
        for place, line in enumerate(message.body["lines"]):
            key = f"{job.reference}/{place}"
            job.items.append(Item(self._item_numbers.next(), job.order, key, line["bulky"]))
        return job

    def to_station(self, job: Job) -> None:
        """Put the items where those of the same customer wait; the first one there starts the wave."""
        station = self._stations.setdefault(job.body["customer"], [])
        if not station:
            self.spawn(self._close_wave(job.body["customer"], job.body["currency"]))
        station.extend(job.items)

    async def _close_wave(self, customer: str, currency: str) -> None:
        await self.clock.wait(6 * HOUR)
        items = self._stations.pop(customer)
        small = [item for item in items if not item.bulky]
        boxes = [small[n : n + BOX] for n in range(0, len(small), BOX)] + [[item] for item in items if item.bulky]
        for box in boxes:
            package = Package(self._package_numbers.next(), box, currency)
            self._packages[package.number] = package
            self.spawn(self._ship(package))

    async def _ship(self, package: Package) -> None:
        numbers = [item.number for item in package.items]
        self.truth.fact(
            "packed", package=package.number, items=numbers, orders=sorted({item.order for item in package.items})
        )
        with self.flow.objects(package=package.number, item=numbers) as scope:
            with (
                scope.step("pack-items", action="create"),
                self.truth.act("pack-items", refs=package.refs, action="create"),
            ):
                await self.clock.work(self.dice.between("packing", package.key, 1.0, 4.0))
            await self._booking.book(scope, package)

    async def parcel(self, call: Call) -> Reply:
        """The carrier reports what became of a parcel: ``delivered`` or ``refused``."""
        package = self._packages[call.body["package"]]
        self.spawn(self._after_parcel(package, call.body["result"], dict(call.headers)))
        return Reply(202)

    async def _after_parcel(self, package: Package, result: str, headers: Mapping[str, str]) -> None:
        await self.clock.work(0.2)
        with flowtrail.extract(headers):
            if result == "refused":
                await self._restock(package)
            for item in package.items:
                item.result = result
            for order in sorted({item.order for item in package.items}):
                await self._report(order)

    async def _restock(self, package: Package) -> None:
        await self.clock.wait(20 * HOUR)
        with (
            self.flow.objects(package=package.number, item=package.refs["item"]) as scope,
            scope.step("restock-items", kind="compensation", compensates="pack-items"),
            self.truth.act("restock-items", refs=package.refs, kind="compensation", compensates="pack-items"),
        ):
            await self.clock.work(2.0)

    async def _report(self, order: str) -> None:
        """Tell the erp once, when nothing of the order is on its way any more."""
        items = self._jobs[order].items
        if order in self._reported or not all(item.result for item in items):
            return
        self._reported.add(order)
        result = "refused" if any(item.result == "refused" for item in items) else "delivered"
        await self.call("erp", "/deliveries", {"order": order, "result": result})


if __name__ == "__main__":
    main(Wms)
