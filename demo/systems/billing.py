"""Billing: invoices (INV-…), collects and refunds, and closes the order when everything is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flowtrail

from demo.systems.numbers import Series, invoice_number
from demo.systems.people import BILLING
from demo.systems.prices import price
from demo.systems.process import main
from demo.systems.service import Answers, Parts, Service
from demo.transport import Body, Call, Handler, Reply

HOUR = 3600.0
STEP = "collect-payment"
STALE = 0.3
"""Of the requests that come again, how many meet a replica that does not know of the first."""


@dataclass
class Account:
    """What billing knows of one order; ``body`` is the erp's request."""

    order: str
    body: Body
    invoice: str = ""
    paid: bool = False
    void: bool = False

    @property
    def reference(self) -> str:
        return str(self.body["reference"])


class DeclinedError(flowtrail.BusinessError):
    """The customer's bank said no."""


class Billing(Service):
    """Takes money once per order, however often it is asked; but for a replica that sometimes has not heard of it."""

    system = "billing"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._numbers = Series(invoice_number, parts.series)
        self._accounts: dict[str, Account] = {}
        self._answers = Answers()

    def routes(self) -> Mapping[str, Handler]:
        return {
            "/prepayments": self.pay,
            "/payments": self.pay,
            "/invoices": self.invoice,
            "/refunds": self.refund,
        }

    async def pay(self, call: Call) -> Reply:
        """Collect what an order costs: 200, or 402 if declined. Asked again, only the answer is repeated."""
        account = self._account(call.body)
        key = f"pay:{account.order}"
        with flowtrail.extract(call.headers), self.flow.case(account.order) as case:
            known = await self._answers.repeat(key)
            if known and known.status == 200 and self.dice.chance("stale-replica", account.reference, STALE):
                await self._collect_again(account)
                return known
            if known:
                await self.repeat(case, key, order=account.order)
                return known
            return await self._answers.work_out(key, lambda: self._collect(case, account, dict(call.headers)))

    def _account(self, body: Body) -> Account:
        return self._accounts.setdefault(body["order"], Account(body["order"], body))

    async def _collect(self, case: flowtrail.Case, account: Account, headers: dict[str, str]) -> Reply:
        attempts = case.attempts(STEP, max_attempts=5, backoff=self.backoff(3.0), **self._said(account))
        async for attempt in attempts:
            try:
                with attempt:
                    await self._try(account, attempt.number)
            except DeclinedError:
                self.spawn(self._chase(account, attempt.number + 1, headers))
                return Reply(402, {"error": "declined"})
        await self._paid(case, account)
        return Reply(200)

    async def _collect_again(self, account: Account) -> None:
        """The same money once more, under the same key: what idempotency keys should prevent."""
        said = self._said(account)
        with (
            self.flow.case(account.order) as case,
            case.step(STEP, **said),
            self.truth.act(STEP, order=account.order, **said),
        ):
            await self.clock.work(self.dice.between("bank again", account.reference, 0.4, 2.0))

    async def _try(self, account: Account, number: int) -> None:
        with self.truth.act(STEP, order=account.order, attempt=number, **self._said(account)) as act:
            await self.clock.work(self.dice.between("bank", f"{account.reference}/{number}", 0.4, 2.0))
            if self.dice.chance("bank-silent", f"{account.reference}/{number}", 0.03):
                act.failed("infrastructure", "bank-timeout")
                raise flowtrail.InfrastructureError("bank-timeout", "the bank did not answer")
            if self.dice.chance("declined", account.reference, self.policy.payment_declined(self.clock.now())):
                act.failed("business", "payment-declined")
                raise DeclinedError("payment-declined", "the customer's bank declined the payment")

    async def _chase(self, account: Account, number: int, headers: Mapping[str, str]) -> None:
        """A person calls the customer and tries once more."""
        waiting = self.dice.between("chasing", account.reference, 2 * HOUR, 12 * HOUR)
        await self.clock.person(waiting, hurried=account.body["hurried"])
        if account.void:
            return
        who: dict[str, Any] = {"actor": ("human", BILLING[0]), "action": "retry", **self._said(account)}
        with flowtrail.extract(headers), self.flow.case(account.order) as case:
            with (
                case.step(STEP, attempt=number, **who),
                self.truth.act(STEP, order=account.order, attempt=number, **who),
            ):
                await self.clock.wait(40)
            await self._paid(case, account)

    async def _paid(self, case: flowtrail.Case, account: Account) -> None:
        account.paid = True
        await self._close_when_settled(case, account)

    async def invoice(self, call: Call) -> Reply:
        """Everything has been delivered: answers 202, issues the invoice and has the shop ask for the money."""
        self.spawn(self._issue(self._account(call.body), dict(call.headers)))
        return Reply(202)

    async def _issue(self, account: Account, headers: Mapping[str, str]) -> None:
        await self.clock.work(0.3)
        number = self._numbers.next()
        with flowtrail.extract(headers), self.flow.case(account.order) as case:
            with (
                case.step("issue-invoice", action="create", refs={"invoice": number}),
                self.truth.act("issue-invoice", order=account.order, action="create", refs={"invoice": number}),
            ):
                await self.clock.work(0.4)
            account.invoice = number
            if not account.body["prepaid"]:
                await self.call("shop", "/payment-requests", {**account.body, "invoice": number})
            await self._close_when_settled(case, account)

    async def refund(self, call: Call) -> Reply:
        """The order has come to nothing: give back what was collected. Answers 200 when that is done."""
        account = self._account(call.body)
        account.void = True
        if not account.paid:
            return Reply(200)
        said: dict[str, Any] = {"kind": "compensation", "compensates": STEP}
        with (
            flowtrail.extract(call.headers),
            self.flow.case(account.order) as case,
            case.step("refund-payment", **said),
            self.truth.act("refund-payment", order=account.order, **said),
        ):
            await self.clock.work(0.8)
        return Reply(200)

    async def _close_when_settled(self, case: flowtrail.Case, account: Account) -> None:
        if not (account.invoice and account.paid):
            return
        said: dict[str, Any] = {"kind": "end", "outcome": "completed"}
        await self.clock.work(0.2)
        with case.step("close-order", **said), self.truth.act("close-order", order=account.order, **said):
            await self.clock.work(0.1)

    def _said(self, account: Account) -> dict[str, Any]:
        """What every attempt carries, in the words of both accounts."""
        return {"cost": price(STEP, account.body["currency"]), "idempotency_key": f"pay:{account.order}"}


if __name__ == "__main__":
    main(Billing)
