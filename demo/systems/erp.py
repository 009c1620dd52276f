"""The erp: keeps the sales document (45…), decides whether the order goes ahead, and hands it over to the warehouse."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import flowtrail

from demo.systems.erp_checks import THINKING, Checks
from demo.systems.erp_document import Document
from demo.systems.numbers import Series, sales_document_number
from demo.systems.people import APPROVERS
from demo.systems.process import main
from demo.systems.service import Answers, Parts, Service
from demo.transport import Body, Call, Handler, Reply

HOUR = 3600.0
PATIENCE = 12 * HOUR
"""How long an approval may take; what is asked for late in the day or before a weekend may well take longer."""


class Erp(Service):
    """Credit, address and approval decide; the end of rejected and cancelled orders is recorded here."""

    system = "erp"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._numbers = Series(sales_document_number, parts.series)
        self._documents: dict[str, Document] = {}
        self._knocks: dict[str, int] = {}
        self._answers = Answers()
        self._waiting: dict[str, tuple[Document, Any, str]] = {}
        self._checks = Checks(self)

    def routes(self) -> Mapping[str, Handler]:
        return {
            "/sales-documents": self.create,
            "/decisions": self.decide,
            "/stock-outs": self.stock_out,
            "/deliveries": self.delivered,
        }

    async def create(self, call: Call) -> Reply:
        """Answers 201 with the document's number, 503 while the erp is being backed up."""
        order, reference = call.body["order"], call.body["reference"]
        knock = self._knocks[order] = self._knocks.get(order, 0) + 1
        if self.dice.chance("erp-backup", f"{reference}/{knock}", 0.025):
            return Reply(503)
        key = f"document:{order}"
        known = await self._answers.repeat(key)
        return known or await self._answers.work_out(key, lambda: self._create(call, key))

    async def _create(self, call: Call, key: str) -> Reply:
        document = Document(self._numbers.next(), call.body["order"], call.body)
        refs = {"sales_document": document.number}
        with (
            flowtrail.extract(call.headers),
            self.flow.case(document.order) as case,
            case.step("create-sales-document", action="create", idempotency_key=key, refs=refs),
            self.truth.act(
                "create-sales-document", order=document.order, action="create", idempotency_key=key, refs=refs
            ),
        ):
            flowtrail.inject(document.headers)
            await self.clock.work(self.dice.between("create", document.reference, 0.2, 0.9))
        self._documents[document.order] = document
        self.spawn(self._process(document))
        return Reply(201, {"sales_document": document.number})

    async def _process(self, document: Document) -> None:
        await self.clock.work(0.5)
        with flowtrail.extract(document.headers), self.flow.case(document.order) as case:
            await self._checks.price_list(case, document)
            if document.prepaid:
                await self._prepay(document)
            elif not await self._checks.credit(case, document):
                await self._end(case, document, "rejected")
                return
            await self._checks.address(case, document)
            if Decimal(document.body["value"]) > self.policy.approval_limit(self.clock.now()):
                self._ask_for_approval(case, document)
            else:
                await self._hand_over(case, document)

    async def _prepay(self, document: Document) -> None:
        await self.call("billing", "/prepayments", self._invoice(document))

    def _ask_for_approval(self, case: flowtrail.Case, document: Document) -> None:
        """The step begins here and ends when a person decides: its token is all that is kept."""
        holder = ("human", self.dice.pick("approver", document.reference, APPROVERS))
        with case.step("approve-order", kind="approval", actor=holder, approval={"timeout_s": PATIENCE}) as step:
            token = step.detach()
        start = self.truth.opened(
            "approve-order", order=document.order, kind="approval", actor=holder, timeout_s=PATIENCE
        )
        self._waiting[document.order] = (document, token, start)
        self.spawn(self._person_decides(document, holder[1]))

    async def _person_decides(self, document: Document, person: str) -> None:
        thinking = self.dice.between(THINKING, document.reference, 0.5 * HOUR, 4 * HOUR)
        await self.clock.person(thinking, hurried=document.body["hurried"])
        decision = "reject" if self.dice.chance("decision", document.reference, 0.09) else "approve"
        if document.order in self._waiting:
            await self.http.post("erp", "/decisions", {"order": document.order, "decision": decision, "by": person})

    async def decide(self, call: Call) -> Reply:
        """A person's approve or reject; 409 if the order does not wait for one."""
        waiting = self._waiting.pop(call.body["order"], None)
        if waiting is None:
            return Reply(409, {"error": f"order {call.body['order']} does not wait for a decision"})
        document, token, start = waiting
        actor, action = ("human", call.body["by"]), call.body["decision"]
        decision = "approved" if action == "approve" else "rejected"
        said: dict[str, Any] = {"actor": actor, "action": action, "decision": decision, "timeout_s": PATIENCE}
        with (
            self.flow.resume(token) as step,
            self.truth.act("approve-order", order=document.order, kind="approval", start=start, **said),
        ):
            step.actor(*actor)
            step.action(action)
            step.approval(decision=decision, decided_by=actor[1])
        self.spawn(self._after_decision(document, approved=action == "approve"))
        return Reply(200)

    async def _after_decision(self, document: Document, *, approved: bool) -> None:
        await self.clock.work(0.4)
        with flowtrail.extract(document.headers), self.flow.case(document.order) as case:
            if approved:
                await self._hand_over(case, document)
            else:
                await self._end(case, document, "rejected")

    async def _hand_over(self, case: flowtrail.Case, document: Document) -> None:
        """Through the queue: the message's headers carry the trace and the case."""
        with (
            case.step("hand-over-to-wms", kind="handoff"),
            self.truth.act("hand-over-to-wms", order=document.order, kind="handoff"),
        ):
            await self.clock.work(0.1)
            self.parts.queue.send(document.body, self.headers())

    async def stock_out(self, call: Call) -> Reply:
        """The warehouse has given up: take everything back and cancel."""
        self.spawn(self._cancel(self._documents[call.body["order"]], dict(call.headers)))
        return Reply(202)

    async def _cancel(self, document: Document, headers: Mapping[str, str]) -> None:
        undo = {"kind": "compensation", "compensates": "create-sales-document"}
        refs = {"sales_document": document.number}
        with flowtrail.extract(headers), self.flow.case(document.order) as case:
            with (
                case.step("void-sales-document", kind="compensation", compensates=undo["compensates"], refs=refs),
                self.truth.act("void-sales-document", order=document.order, refs=refs, **undo),
            ):
                await self.clock.work(0.3)
            await self._end(case, document, "cancelled")

    async def delivered(self, call: Call) -> Reply:
        """All parcels of an order have arrived or were refused."""
        document = self._documents[call.body["order"]]
        self.spawn(self._post_delivery(document, call.body["result"], dict(call.headers)))
        return Reply(202)

    async def _post_delivery(self, document: Document, result: str, headers: Mapping[str, str]) -> None:
        with flowtrail.extract(headers), self.flow.case(document.order) as case:
            with case.step("post-delivery"), self.truth.act("post-delivery", order=document.order):
                await self.clock.work(0.4)
            if result == "delivered":
                await self.call("billing", "/invoices", self._invoice(document))
            else:
                await self._end(case, document, "cancelled")

    async def _end(self, case: flowtrail.Case, document: Document, outcome: str) -> None:
        if document.prepaid:
            await self.call("billing", "/refunds", self._invoice(document))
        with (
            case.step("close-order", kind="end", outcome=outcome),
            self.truth.act("close-order", order=document.order, kind="end", outcome=outcome),
        ):
            await self.clock.work(0.1)

    @staticmethod
    def _invoice(document: Document) -> Body:
        shown = ("reference", "value", "currency", "customer", "hurried")
        return {"order": document.order, "prepaid": document.prepaid, **{name: document.body[name] for name in shown}}


if __name__ == "__main__":
    main(Erp)
