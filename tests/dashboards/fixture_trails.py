"""Hand-made cases in the shapes of the query API: in flight, ended, hostile, with a single step, and more."""

from datetime import UTC, datetime, timedelta

FLOW = "order-to-cash"
AS_OF = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
HOSTILE = '"><img src=x onerror="window.hacked=1">/..%2F\'javascript:alert(1)'


def z(moment):
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def eur(amount):
    return {"amount": amount, "currency": "EUR"} if amount else None


class Order:
    """Builds the events of a case one after the other, and advances the clock."""

    def __init__(self, case_id, start, trace="4bf92f3577b34da6a3ce929d0e0e4736"):
        self.case_id, self.now, self.start, self.trace = case_id, start, start, trace
        self.events = []
        self.logs = []

    def log(self, system, severity, body, *, event=None, **more):
        """Adds a log record at this time, in the span of event number ``event`` (from 1), or outside of all spans."""
        own = self.events[event - 1] if event else None
        record = {
            "time": z(self.now), "severity": severity, "severity_text": severity.upper(), "severity_number": 9,
            "system": system, "body": body, "body_cut": False, "event_name": "", "attributes": {},
            "trace_id": self.trace, "span_id": own["span_id"] if own else "", "event": own["id"] if own else None,
            "step": own["id"] if own and not own["plain"] else None, "joined": "trace", "identifier": None,
            "shared": None,
        }  # fmt: skip
        self.logs.append(record | more)
        return self

    def step(self, system, name, seconds, *, wait=0.0, **more):
        self.now += timedelta(seconds=wait)
        started = more.get("state") == "started"
        span = f"{len(self.events) + 1:016x}"
        event = {
            "id": f"{self.trace}-{span}", "trace_id": self.trace, "span_id": span, "parent_span_id": "",
            "system": system, "name": name, "step": name, "kind": "task", "state": "finished", "start": z(self.now),
            "end": None if started else z(self.now + timedelta(seconds=seconds)),
            "duration_s": None if started else seconds, "wait_s": wait if self.events else None, "attempt": 1,
            "failed": bool(more.get("error")), "error": None, "cost": None, "cost_share": more.get("cost"),
            "actor": {"type": "service", "id": system}, "action": "", "touch": False, "outcome": None,
            "compensates": None, "idempotency_key": f"{self.case_id}/{name}", "refs": [], "shared": None,
            "plain": False,
        }  # fmt: skip
        self.events.append(event | more)
        self.now += timedelta(seconds=seconds)
        return self

    def span(self, system, name, seconds):
        return self.step(system, name, seconds, step=None, plain=True, attempt=None, idempotency_key=None, wait_s=None)


def failure(kind, code, message):
    return {"class": kind, "type": code, "message": message}


def human(who):
    return {"type": "human", "id": who}


def exception(order, opened, closed, state, attempts=1):
    """The exception that event number ``opened`` (from 1) opened, and event number ``closed`` closed."""
    event, end = order.events[opened - 1], order.events[closed - 1] if closed else None
    return {
        "fingerprint": "f0", "class": event["error"]["class"], "code": event["error"]["type"], "step": event["step"],
        "system": event["system"], "object": "", "opened_at": event["end"], "closed_at": end and end["end"],
        "state": state, "attempts": attempts, "value": eur("1249.90"), "events": [event["id"]],
    }  # fmt: skip


def approval(order, number, state, *, due_at, decision=""):
    event = order.events[number - 1]
    return {
        "step": event["step"], "system": event["system"], "object": "", "requested_at": event["start"],
        "due_at": due_at, "decided_at": event["end"], "decision": decision, "decided_by": event["actor"]["id"],
        "escalate_to": "head of finance", "on_timeout": "", "state": state, "event": event["id"],
    }  # fmt: skip


def duplicate(order, number):
    event = order.events[number - 1]
    return {
        "key": event["idempotency_key"], "step": event["step"], "object": "", "effects": 2, "first": event["end"],
        "last": event["end"], "events": [event["id"]],
    }  # fmt: skip


def summary(order, *, now, end=None, outcome=None, as_of=AS_OF, **more):
    steps = [event for event in order.events if not event["plain"]]
    kinds = [event["error"]["class"] for event in steps if event["error"]]
    return {
        "flow": FLOW, "version": "1", "case_id": order.case_id, "start": z(order.start), "end": z(end),
        "in_flight": end is None, "outcome": outcome, "duration_s": ((end or as_of) - order.start).total_seconds(),
        "value": eur("1249.90"), "dims": {"channel": "web", "business_unit": "emea", "segment": "b2b"}, "now": now,
        "touches": sum(event["touch"] for event in steps), "unknown_actor_events": 0,
        "events": sum(event["state"] == "finished" for event in steps),
        "attempts": sum(event["state"] == "finished" for event in steps),
        "failed": {kind: kinds.count(kind) for kind in ("business", "infrastructure", "unclassified")},
        "retries": sum(event["attempt"] > 1 for event in steps), "cost": [eur("4.96")], "retry_cost": [eur("0.70")],
        "systems": list(dict.fromkeys(event["system"] for event in steps)), "ids": [], "shared_events": 0,
        "shared_with": [], "shared_with_truncated": False, "as_of": z(as_of), "exceptions": [], "approvals": [],
        "duplicates": [], "due_at": None, "sla": None, "success": end is not None, "repeats": 0, "rejections": 0,
        "corrections": 0, "compensations": 0,
    } | more  # fmt: skip


def trail(order, case):
    lanes = list(dict.fromkeys(event["system"] for event in order.events))
    return {
        "case": case, "lanes": lanes, "events": order.events, "waits": [], "truncated": False, "plain_truncated": False,
        "as_of": case["as_of"], "logs": {"everything": order.logs},
    }  # fmt: skip


def now(state, step, system, holder, since, *, failed=False):
    return {
        "state": state, "step": step, "system": system, "holder": holder, "since": z(since), "failed": failed,
        "text": f"{state} at {system} / {step}",
    }  # fmt: skip


def logs_of(records, level="all", after=0, limit=100):
    """A page of log records in the shape of the API. The cursor is the index of the next record."""
    grave = {"warn", "error", "fatal"}
    fitting = [log for log in records if level == "all" or (level == "warnings" and log["severity"] in grave)]
    page = fitting[after : after + limit]
    return {
        "records": page, "n": len(records), "warnings_n": sum(log["severity"] in grave for log in records),
        "left_out": len(fitting) - len(page), "truncated": False,
        "next": str(after + limit) if after + limit < len(fitting) else None,
    }  # fmt: skip


TOKEN = "tok_" + "0123456789abcdef" * 2
PACKAGE = [{"type": "package", "value": "P-7731"}]
ITEMS = [{"type": "item", "value": "SO-10427-1"}, {"type": "item", "value": "SO-10427-2"}]


def finished():
    order = Order("SO-10427", datetime(2026, 11, 16, 8, 12, 4, 120_000, tzinfo=UTC))
    order.step("shop", "receive-order", 0.12, kind="start", actor={"type": "external", "id": "customer"})
    order.log("shop", "info", "Order taken over from the web shop", event=1)
    order.span("shop", "POST /orders", 0.09)
    order.log("shop", "debug", "201 Created", event=2)
    order.step("erp", "create-sales-document", 0.84, wait=0.4, cost=eur("0.02"))
    order.step(
        "erp", "check-credit", 1.3, wait=0.1, cost=eur("0.15"),
        error=failure("business", "insufficient-credit", "open balance 12,400 EUR exceeds the limit of 10,000 EUR"),
    )  # fmt: skip
    order.step(
        "erp", "approve-order", 96.0, wait=187_240.0, kind="approval", actor=human("dana@finance"), action="approve",
        touch=True,
    )  # fmt: skip
    order.step("wms", "reserve-stock", 0.45, wait=2.0, refs=ITEMS, cost=eur("0.02"))
    order.step("wms", "pick", 640.0, wait=5400.0, refs=ITEMS, actor=human("picker 14"), action="")
    order.log("wms", "warn", "Shelf 14 holds 1 of 2 items.\n" + 40 * "A long line of a long text. ", event=7,
              attributes={"code.function": "reserve", "shelf": "14"})  # fmt: skip
    order.log("mail", "info", "Customer was told of the delay", joined="case", trace_id="", event_name="mail.sent")
    shared = {"count": 3, "case_ids": ["SO-10428", "SO-10431"]}
    order.step("wms", "pack", 210.0, wait=300.0, refs=ITEMS + PACKAGE, shared=shared, cost=eur("0.90"),
               cost_share=eur("0.30"))  # fmt: skip
    for attempt, wait in ((1, 12.0), (2, 2.0), (3, 8.0)):
        order.step(
            "carrier", "book-carrier", 5.0 if attempt < 3 else 1.1, wait=wait, attempt=attempt, refs=PACKAGE,
            shared=shared, cost=eur("0.35"), cost_share=eur("0.116667"),
            error=failure("infrastructure", "timeout", "no answer within 5 s") if attempt < 3 else None,
        )  # fmt: skip
        if attempt < 3:
            order.log("carrier", "error", "POST https://carrier.example/labels: no answer within 5 s", shared=shared,
                      event=len(order.events))  # fmt: skip
    order.step("carrier", "deliver", 0.2, wait=91_300.0, kind="handoff", refs=PACKAGE, shared=shared,
               actor={"type": "external", "id": "driver"})  # fmt: skip
    order.step("billing", "create-invoice", 0.7, wait=3.0, refs=[{"type": "invoice", "value": "INV-2026-88120"}],
               cost=eur("0.05"))  # fmt: skip
    order.step("billing", "receive-payment", 0.1, wait=172_800.0, kind="end", outcome="completed")
    end = order.now
    ids = [
        {"type": "order", "value": "SO-10427", "shared_with": 0},
        *[ref | {"shared_with": 0} for ref in ITEMS],
        {"type": "package", "value": "P-7731", "shared_with": 2},
        {"type": "tracking", "value": "1Z999AA10123456784", "shared_with": 2},
        {"type": "invoice", "value": "INV-2026-88120", "shared_with": 0},
    ]
    others = [
        {"flow": FLOW, "case_id": "SO-10428", "events": 5, "ids": PACKAGE},
        {"flow": FLOW, "case_id": "SO-10431", "events": 5, "ids": PACKAGE},
    ]
    case = summary(
        order, now=now("finished", "receive-payment", "billing", None, end), end=end, outcome="completed", ids=ids,
        shared_events=5, shared_with=others, due_at="2026-11-21T08:12:04Z", sla="breached",
        exceptions=[exception(order, 4, 5, "recovered"), exception(order, 10, 11, "recovered", attempts=2)],
        approvals=[approval(order, 5, "decided_late", due_at="2026-11-16T12:12:07Z", decision="approve")],
        duplicates=[duplicate(order, 8)],
    )  # fmt: skip
    return trail(order, case)


def in_flight():
    order = Order("SO-10431", datetime(2026, 11, 20, 9, 2, 11, tzinfo=UTC))
    order.step("shop", "receive-order", 0.12, kind="start", actor={"type": "external", "id": "customer"})
    order.step("erp", "create-sales-document", 0.84, wait=0.4, cost=eur("0.02"))
    order.step("erp", "check-credit", 0.9, wait=0.1, cost=eur("0.15"),
               error=failure("unclassified", "KeyError", "'limit'"))  # fmt: skip
    order.step("erp", "check-credit", 0.6, wait=2.0, attempt=2, cost=eur("0.15"))
    order.step("erp", "approve-order", 0, wait=1.2, kind="approval", state="started", actor=human("dana@finance"))
    ids = [{"type": "order", "value": "SO-10431", "shared_with": 0}]
    since = datetime.fromisoformat(order.events[-1]["start"])
    holder = human("dana@finance")
    waits = [approval(order, 5, "overdue", due_at="2026-11-20T13:02:17Z") | {"decided_by": ""}]
    where = now("in_progress", "approve-order", "erp", holder, since)
    return trail(order, summary(order, now=where, ids=ids, approvals=waits, due_at="2026-11-25T09:02:11Z", sla="due"))


def hostile():
    order = Order(HOSTILE, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    order.step(HOSTILE, HOSTILE, 1.0, error=failure("business", HOSTILE, HOSTILE), actor=human(HOSTILE), action=HOSTILE)
    order.log(HOSTILE, "fatal", HOSTILE, event=1, attributes={HOSTILE: HOSTILE}, event_name=HOSTILE,
              shared={"count": 2, "case_ids": [HOSTILE + "2"]})  # fmt: skip
    order.step("<b>bold</b>", "<a href='javascript:window.hacked=1'>x</a>", 1.0, wait=1.0, shared={
        "count": 2, "case_ids": [HOSTILE + "2"]})  # fmt: skip
    identifier = {"type": HOSTILE, "value": HOSTILE}
    ids = [identifier | {"shared_with": 1}]
    others = [{"flow": FLOW, "case_id": HOSTILE + "2", "events": 1, "ids": [identifier]}]
    where = now("waiting", HOSTILE, HOSTILE, human(HOSTILE), order.now)
    facts = {
        "exceptions": [exception(order, 1, None, "open")],
        "approvals": [approval(order, 1, "pending", due_at=None) | {"escalate_to": HOSTILE, "decided_at": None}],
        "duplicates": [duplicate(order, 1)],
    }
    return trail(
        order, summary(order, now=where, ids=ids, shared_events=1, shared_with=others, dims={HOSTILE: HOSTILE}, **facts)
    )


def single():
    order = Order("SO-1", datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    order.step("shop", "receive-order", 0.0)
    return trail(order, summary(order, now=now("waiting", "receive-order", "shop", None, order.now), value=None))


def tokenised():
    """A case whose own id, and an item's, were replaced by tokens before they were stored."""
    order = Order(TOKEN, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    order.step("shop", "receive-order", 1.0, refs=[{"type": "item", "value": TOKEN}])
    ids = [{"type": kind, "value": TOKEN, "shared_with": 0} for kind in ("order", "item")]
    return trail(order, summary(order, now=now("waiting", "receive-order", "shop", None, order.now), ids=ids))


def chatty():
    """More log records than a page holds."""
    order = Order("SO-77", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)).step("erp", "import", 60.0)
    for number in range(230):
        order.log("erp", "debug", f"line {number} read", event=1)
    return trail(order, summary(order, now=now("waiting", "import", "erp", None, order.now)))


def long():
    """Sixty attempts over many systems: wider than any screen."""
    order = Order("SO-99", datetime(2026, 11, 1, 9, 0, tzinfo=UTC))
    for number in range(60):
        order.step(f"system-{number % 9}", f"a-rather-long-step-name-{number}", 2.0, wait=number * 77.0)
    return trail(order, summary(order, now=now("waiting", "x", "system-1", None, order.now)))


MADE = (finished(), in_flight(), hostile(), single(), long(), tokenised(), chatty())
TRAILS = {made["case"]["case_id"]: made for made in MADE}
