"""The shop: takes orders (SO-…), passes them on to the erp, and lets customers pay their invoices."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import flowtrail

from demo.systems.numbers import Series, order_number
from demo.systems.people import SALES
from demo.systems.prices import price
from demo.systems.process import main
from demo.systems.service import Parts, Service
from demo.transport import Body, Call, Handler, Reply

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
DIMS = ("channel", "segment", "region")


@dataclass(frozen=True)
class Order:
    """An order as the shop keeps it; ``headers`` carry the trace it came in with."""

    number: str
    body: Body
    headers: dict[str, str]

    @property
    def reference(self) -> str:
        return str(self.body["reference"])


class Shop(Service):
    """Where an order-to-cash case starts."""

    system = "shop"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._numbers = Series(order_number, parts.series)
        self._orders: dict[str, Order] = {}

    def routes(self) -> Mapping[str, Handler]:
        return {"/orders": self.take_order, "/payment-requests": self.request_payment}

    async def take_order(self, call: Call) -> Reply:
        """Start a case; answers 202 with the order number at once, the rest follows in the background."""
        order = Order(self._numbers.next(), call.body, {})
        body = call.body
        value = (Decimal(body["value"]), body["currency"])
        dims = {name: body[name] for name in DIMS}
        said: dict[str, Any] = {"kind": "start", **self._who_submits(order)}
        with (
            self.flow.case(order.number, value=value, dims=dims) as case,
            case.step("receive-order", **said),
            self.truth.act("receive-order", order=order.number, value=value, dims=dims, **said),
        ):
            flowtrail.inject(order.headers)
            await self.clock.work(0.15)
        self._orders[order.number] = order
        self.spawn(self._pass_on(order))
        return Reply(202, {"order": order.number})

    def _who_submits(self, order: Order) -> dict[str, Any]:
        customer = order.body["customer"]
        match order.body["channel"]:
            case "phone":  # typed in by hand: a touch
                return {"actor": ("human", self.dice.pick("sales", order.reference, SALES)), "action": "create"}
            case "app":  # a person, but the customer's own submit: not a touch
                return {"actor": ("human", customer), "action": "submit"}
            case "marketplace":
                return {"actor": ("service", "marketplace-feed"), "action": "submit"}
            case _:
                return {"actor": ("external", customer), "action": "submit"}

    async def _pass_on(self, order: Order) -> None:
        await self.clock.work(0.3)
        cost = price("screen-order", order.body["currency"])
        with flowtrail.extract(order.headers), self.flow.case(order.number) as case:
            with (
                case.step("screen-order", kind="gate", cost=cost),
                self.truth.act("screen-order", order=order.number, kind="gate", cost=cost),
            ):
                await self.clock.work(self.dice.between("screening", order.reference, 0.4, 1.2))
            await self._hand_over(case, order)

    async def _hand_over(self, case: flowtrail.Case, order: Order) -> None:
        key = f"document:{order.number}"
        said: dict[str, Any] = {"kind": "handoff", "idempotency_key": key}
        attempts = case.attempts("hand-over-to-erp", max_attempts=5, backoff=self.backoff(5.0), **said)
        async for attempt in attempts:
            with attempt, self.truth.act("hand-over-to-erp", order=order.number, attempt=attempt.number, **said) as act:
                reply = await self.call("erp", "/sales-documents", {**order.body, "order": order.number})
                if reply.status == 503:
                    act.failed("infrastructure", "erp-unavailable")
                    raise flowtrail.InfrastructureError("erp-unavailable", "the erp is being backed up")

    async def request_payment(self, call: Call) -> Reply:
        """An invoice is open: the customer will pay it in their own time."""
        order = self._orders[call.body["order"]]
        self.spawn(self._customer_pays(order, call.body, dict(call.headers)))
        return Reply(202)

    async def _customer_pays(self, order: Order, invoice: Body, headers: Mapping[str, str]) -> None:
        slow = order.body["segment"] != "consumer"
        longest = 4 * DAY if slow else 10 * HOUR
        await self.clock.wait(self.dice.between("paying", order.reference, 10 * MINUTE, longest))
        number, customer = order.number, order.body["customer"]
        said: dict[str, Any] = {"actor": ("external", customer), "action": "submit"}
        with flowtrail.extract(headers), self.flow.case(number) as case:
            payment = {**invoice, "key": f"pay:{number}"}
            with (
                case.step("submit-payment", **said) as step,
                self.truth.act("submit-payment", order=number, **said),
            ):
                step.attribute("shop.page", "pay")
                await self.clock.work(0.2)
            outgoing = self.headers()
        clicks = 2 if self.dice.chance("double-click", order.reference, 0.09) else 1
        for _ in range(clicks):
            self.spawn(self._click(payment, outgoing))
            await self.clock.work(0.35)

    async def _click(self, payment: Body, headers: Mapping[str, str]) -> None:
        await self.http.post("billing", "/payments", payment, headers)


if __name__ == "__main__":
    main(Shop)
