"""The erp's checks before an order goes ahead: price list, credit, address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.systems.people import CLERKS
from demo.systems.prices import price

if TYPE_CHECKING:
    import flowtrail

    from demo.systems.erp_document import Document
    from demo.systems.service import Service

HOUR = 3600.0
THINKING = "thinking"
"""The roll that decides how long an approver takes."""

DECLINED = {"consumer": 0.035, "business": 0.05, "key-account": 0.015}


class Checks:
    """Steps taken within the erp's case scope."""

    def __init__(self, erp: Service) -> None:
        self._erp = erp
        self._clock, self._dice, self._truth = erp.clock, erp.dice, erp.truth

    async def price_list(self, case: flowtrail.Case, document: Document) -> None:
        """French orders may go through a legacy program that does not say who acts in it."""
        if document.body["region"] != "FR" or not self._dice.chance("legacy", document.reference, 0.2):
            return
        with (
            case.step("check-price-list", actor="unknown"),
            self._truth.act("check-price-list", order=document.order, actor=("unknown", "")),
        ):
            await self._clock.work(2.0)

    async def credit(self, case: flowtrail.Case, document: Document) -> bool:
        """Ask the credit agency (paid); False if the limit does not cover the order."""
        cost = price("check-credit", document.body["currency"])
        with (
            case.step("check-credit", kind="gate", cost=cost) as step,
            self._truth.act("check-credit", order=document.order, kind="gate", cost=cost) as act,
        ):
            await self._clock.work(self._dice.between("agency", document.reference, 0.3, 1.5))
            if not self._dice.chance("credit", document.reference, DECLINED[document.body["segment"]]):
                return True
            step.business_error("insufficient-credit", f"the limit of {document.body['customer']} does not cover it")
            act.failed("business", "insufficient-credit")
        return False

    async def address(self, case: flowtrail.Case, document: Document) -> None:
        """A bad address is mended by the address service or by a person, who then releases the delivery block."""
        now = self._clock.now()
        bad = self._dice.chance("address", document.reference, self._erp.policy.bad_address(now))
        with (
            case.step("validate-address", kind="gate") as step,
            self._truth.act("validate-address", order=document.order, kind="gate") as act,
        ):
            await self._clock.work(0.2)
            if bad:
                step.business_error("address-not-found", "no such street in that town")
                act.failed("business", "address-not-found")
        if bad and self._dice.chance("mended", document.reference, self._erp.policy.address_mended_by_machine(now)):
            await self._mend(case, document, ("service_for_human", "address-service"))
        elif bad:
            await self._mend_by_hand(case, document)

    async def _mend_by_hand(self, case: flowtrail.Case, document: Document) -> None:
        clerk = ("human", self._dice.pick("clerk", document.reference, CLERKS))
        hurried = document.body["hurried"]
        await self._clock.person(self._dice.between("mending", document.reference, HOUR, 5 * HOUR), hurried=hurried)
        look: dict[str, Any] = {"actor": clerk, "action": "view"}
        with case.step("view-order", **look), self._truth.act("view-order", order=document.order, **look):
            await self._clock.wait(40)
        await self._mend(case, document, clerk)
        release: dict[str, Any] = {"actor": clerk, "action": "release"}
        await self._clock.wait(30)
        with (
            case.step("release-block", **release),
            self._truth.act("release-block", order=document.order, **release),
        ):
            await self._clock.wait(5)

    async def _mend(self, case: flowtrail.Case, document: Document, actor: tuple[str, str]) -> None:
        await self._clock.work(1)
        said: dict[str, Any] = {"actor": actor, "action": "edit"}
        with case.step("correct-address", **said), self._truth.act("correct-address", order=document.order, **said):
            await self._clock.wait(50 if actor[0] == "human" else 0.5)
