"""What redaction costs beside the insert it belongs to: CPU microseconds a span, by policy and by what it finds.

Batches of 40 requests of 500 spans with eleven attributes each, in this process, on the embedded engine with the whole
schema but without folds; merges are stopped. Of the rounds the cheapest counts.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from proof.bench.tools.command import alone
from proof.bench.tools.load import Load
from proof.bench.tools.meter import Bill, cost_s
from store.client import open_store
from store.intake import Envelope, encode_batch, insert_envelopes
from store.migrate import migrate
from store.redaction import NO_REDACTION, Action, Redactor, Rule
from store.secrets import SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

_REQUESTS: Final = 40
_PER_REQUEST: Final = 500
_LIMIT: Final = 32 * 1024

# Ten rules as a policy has them, none of which concerns the spans of the load.
_STRANGERS: Final = (
    Rule("mail", Action.TOKENISE, ("customer.email", "*.mail"), (r"[\w.+-]+@[\w-]+\.[a-z]{2,}",)),
    Rule("phone", Action.MASK, (), (r"\+\d{2}[ \d]{6,14}\d",)),
    Rule("iban", Action.MASK, (), (r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b",)),
    *(
        Rule(f"rule_{place}", Action.MASK if place % 2 else Action.DROP, (name,))
        for place, name in enumerate(
            ("password", "*.secret", "customer.*", "employee.name", "http.request.body", "db.statement", "session.?")
        )
    ),
)
_POLICIES: Final[dict[str, tuple[Rule, ...] | None]] = {
    "no policy": None,
    "built-in rules": SECRETS,
    "ten rules and the built-in ones, nothing found": (*_STRANGERS, *SECRETS),
    "the same, and the package of every span that names one becomes a token": (
        *_STRANGERS,
        Rule("package", Action.TOKENISE, ("flow.ref.package",)),
        *SECRETS,
    ),
}


def run(rounds: int = 12) -> dict[str, float]:
    """CPU microseconds a span of each policy, and of the insert without one."""
    bill = Bill()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"chdb://{Path(folder)}")
        migrate(store)
        store.command("SYSTEM STOP MERGES")
        for number in range(rounds):
            bill.begin_round()
            load = Load(spans_per_request=_PER_REQUEST)
            batch = [
                Envelope("default", 1, load.request(index))
                for index in range(number * _REQUESTS, (number + 1) * _REQUESTS)
            ]
            for name, rules in _POLICIES.items():
                redactor = Redactor(rules, lambda _tenant: b"k" * 32, _LIMIT) if rules else NO_REDACTION
                bill.add(name, cost_s(_encoding(batch, redactor)))
            bill.add("insert into every table", cost_s(partial(insert_envelopes, store, batch, f"batch-{number}")))
        store.close()
    return {name: round(1e6 * cost / (_REQUESTS * _PER_REQUEST), 3) for name, cost in bill.least().items()}


def _encoding(batch: list[Envelope], redactor: Redactor) -> Callable[[], Any]:
    return partial(encode_batch, batch, "token", redactor)


@click.command("redaction", help=__doc__)
@click.option("--rounds", default=12, show_default=True, help="Batches of 20,000 spans per policy.")
def command(rounds: int) -> dict[str, float]:
    return run(rounds)


if __name__ == "__main__":
    alone(command)
