"""The demo's flow file says what its systems do."""

from collections import defaultdict

from cases.flows.declarations import read_declaration
from demo.systems import shop
from demo.systems.prices import PRICES
from demo.systems.service import FLOW, FLOW_VERSION


def declared(repository):
    return read_declaration(repository / "demo/flows/order-to-cash.yaml")


def test_the_declaration_names_what_the_systems_send(repository, history):
    flow = declared(repository)
    assert (flow.name, flow.version) == (FLOW, FLOW_VERSION)
    assert flow.dimensions == flow.segments == shop.DIMS
    types = {name for edge in flow.edges for name in edge}
    assert {kind for span in history.spans for kind in span.refs()} | {flow.lead} == types


def test_its_steps_are_those_that_the_systems_take_with_their_kinds(repository, rich_history):
    kinds = {step.name: step.kind for step in declared(repository).steps}
    seen = defaultdict(set)
    for span in rich_history.spans:
        if "flow.step" in span.attributes:
            seen[span.attributes["flow.step"]].add(span.attributes.get("flow.step.kind", "task"))
    assert {name: {kind} for name, kind in kinds.items()} == dict(seen)


def test_its_prices_are_those_of_the_paid_calls(repository):
    prices = {
        step.name: (step.price.per_attempt, step.price.currency) for step in declared(repository).steps if step.price
    }
    assert {name: (str(amount), currency) for name, (amount, currency) in prices.items()} == {
        name: (amounts["EUR"], "EUR") for name, amounts in PRICES.items()
    }
