import tomllib

from demo import shop
from demo.service import FLOW, FLOW_VERSION


def test_the_declaration_names_what_the_systems_send(repository, history):
    declared = tomllib.loads((repository / "demo/flows/order-to-cash.toml").read_text())
    assert (declared["name"], declared["version"]) == (FLOW, FLOW_VERSION)
    assert tuple(declared["segments"]) == shop.DIMS
    types = {word for path in declared["paths"] for word in path.split(" > ")}
    assert {kind for span in history.spans for kind in span.refs()} | {declared["lead"]} == types
