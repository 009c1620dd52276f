"""A first flow file from what was seen: right paths, right order, and the same cases once it is declared."""

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.flows.declarations import declaration_of, parse_declaration
from cases.flows.declarations.yaml_source import read_source
from cases.flows.inference import infer
from cases.flows.inference.evidence import Dimension, Evidence, IdType, IdTypeGroup, SampledCase, SampledEvent
from cases.flows.inference.flow_text import write
from cases.flows.inference.paths import guess_paths
from cases.flows.inference.steps import usual_order
from cases.fold.fold import Folder
from server.flow_files import declare_tenants, follow
from store.client import open_store
from tests.cases import orders
from tests.cases.orders import Wire, World, trace_of

SERVICE = {"actor_type": "service", "actor": "robot"}
DANA = {"actor_type": "human", "actor": "dana"}


def inferred(store, tenant, flow):
    found = infer(store, tenant, flow)
    return found, parse_declaration(read_source(found.yaml).document, "inferred")


def test_the_paths_of_a_declared_flow_are_found_again(orders_store):
    found, declaration = inferred(orders_store, orders.TENANT, orders.FLOW)
    declared = declaration_of(orders_store, orders.TENANT, orders.FLOW)
    assert (declaration.lead, set(declaration.edges)) == (declared.lead, set(declared.edges))
    assert [step.name for step in declaration.steps][:2] == ["capture", "book"]
    assert (found.cases, found.sampled) == (7, 7)


def claim(wire, number, *, approve=True):
    """A claim: filed, its letter scanned where nothing else is known, looked at twice, decided by Dana, paid."""
    case, at, letter = f"C-{number}", 100 * number, {"letter": f"L-{number}"}
    flow = {"flow": "claim", "trace": trace_of(f"claim {number}")}
    wire.step(
        "desk",
        "file",
        at,
        case=case,
        refs={"claim": case, **letter},
        step_kind="start",
        channel="web",
        **flow,
        **SERVICE,
    )
    wire.step("scanner", "scan", at + 5, refs=letter, **{**flow, "trace": trace_of(f"scan {number}")}, **SERVICE)
    for part in (1, 2):
        wire.step("desk", "look", at + 10 + part, case=case, key=f"{case} look {part}", **flow, **SERVICE)
    if approve:
        decided = {"step_kind": "approval", "action": "approve", **DANA}
        wire.step("desk", "decide", at + 20, case=case, **flow, **decided)
        wire.step("desk", "pay", at + 30, case=case, step_kind="end", outcome="completed", **flow, **SERVICE)
    else:
        wire.step("desk", "pay", at + 30, case=case, step_kind="end", outcome="rejected", **flow, **SERVICE)


def rows(store):
    return store.rows("SELECT * EXCEPT Version FROM cases FINAL ORDER BY Tenant, Flow, CaseId")


def test_declaring_what_was_inferred_gives_the_same_cases(migrated_url, tmp_path):
    store = open_store(migrated_url)
    wire = Wire()
    for number in range(1, 6):
        claim(wire, number, approve=number > 1)
    wire.send(World(store, "default"))
    before = rows(store)
    assert [row["Events"] for row in before] == [5, 6, 6, 6, 6]

    found, declaration = inferred(store, "default", "claim")
    assert (declaration.lead, declaration.edges) == ("claim", (("claim", "letter"),))
    assert [step.name for step in declaration.steps] == ["file", "scan", "look", "decide", "pay"]
    assert [step.optional for step in declaration.steps] == [False, False, False, True, False]
    assert [step.kind for step in declaration.steps] == ["start", "task", "task", "approval", "end"]
    assert declaration.outcomes == {"completed": True, "rejected": False}
    assert declaration.dimensions == ("channel",)
    for reason in (
        "5 ids of this type are the case id",
        "4 of 5 cases; people: approve 4",
        "repeated for the same object in 5 of 5 cases",
        "outcomes: completed 4, rejected 1",
        "the 90th percentile of the 5 ended cases",
    ):
        assert reason in found.yaml

    (tmp_path / "claim.yaml").write_text(found.yaml, encoding="utf-8")
    [due] = declare_tenants(store, tmp_path)
    assert [one.name for one in due.paths] == ["claim"]
    follow(store, [due], Folder(store))
    assert rows(store) == before
    assert not any(one.due for one in declare_tenants(store, tmp_path))
    store.close()


def evidence(*groups, types=(), links=()):
    """``groups``: (named, types, events); ``types``: (name, ids, beside a case id, leads)."""
    return Evidence(
        flow="order-to-cash",
        cases=10,
        id_types=tuple(IdType(*one) for one in types),
        id_type_groups=tuple(IdTypeGroup(named, tuple(names.split()), events) for named, names, events in groups),
        links=dict(links),
    )


def test_paths_lead_away_from_the_case_and_never_back():
    seen = evidence(
        (True, "invoice item", 50),
        (False, "item package", 40),
        (False, "invoice item", 9),
        (False, "item package tracking", 3),
        (False, "package tracking", 30),
        (False, "dock truck", 2),
        types=[
            ("dock", 2, 0, 0),
            ("invoice", 50, 50, 0),
            ("item", 90, 88, 0),
            ("package", 40, 1, 0),
            ("tracking", 40, 0, 0),
            ("truck", 1, 0, 0),
        ],
    )
    found = guess_paths(seen)
    assert found.lead == "order"
    assert set(found.edges) == {
        ("order", "item"),
        ("order", "invoice"),
        ("item", "package"),
        ("package", "tracking"),
    }


def test_explicit_links_say_themselves_which_way_they_lead():
    seen = evidence(
        types=[("parcel", 4, 0, 0), ("box", 4, 0, 0)],
        links=[(("case", "parcel"), 4), (("parcel", "box"), 4), (("box", "parcel"), 1), (("a b", "box"), 1)],
    )
    assert list(guess_paths(seen).edges) == [("order", "parcel"), ("parcel", "box")]


def test_the_usual_order_is_the_one_that_most_cases_take():
    cases = [["a", "b", "c", "d"]] * 5 + [["a", "c", "b", "d"]] * 2 + [["a", "x", "d"], ["a", "b", "b", "a"]]
    assert [step for step in usual_order(cases) if step != "x"] == ["a", "b", "c", "d"]
    assert usual_order([]) == []


names = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["no", "1.10", "a: b", "# a", "- a", "{", "é ü", "a\nb: c", "~", "'"]
)


@settings(max_examples=60, deadline=None)
@given(flow=names.filter(str.strip), name=names.filter(str.strip), odd=names)
def test_whatever_the_names_the_file_passes_the_check(flow, name, odd):
    event = SampledEvent(
        name, "approval", human=True, action=odd, outcome=name, attempt=1, failed=False, timeout_s=None,
        escalate_to=odd, item="",
    )  # fmt: skip
    seen = Evidence(
        flow=flow,
        cases=2,
        versions=(name,),
        id_types=(IdType(odd, 2, 2, 0),),
        id_type_groups=(IdTypeGroup(named=True, types=(odd,), events=2),),
        steps=(name,),
        outcomes={name: 2},
        dimensions=(Dimension(name, 2, 2, (odd, name)),),
        sample=(SampledCase(ended=True, seconds=90, events=(event, event)),) * 2,
    )
    text = write(seen)
    declaration = parse_declaration(yaml.safe_load(text), "fuzz")
    assert (declaration.name, declaration.version) == (flow, name)
    assert [step.name for step in declaration.steps] == [name]
    assert (name in declaration.outcomes, declaration.dimensions) == (True, (name,))
