"""Correlation: whatever the order of arrival, links, hubs, reach and cases are those that the definitions give."""

from collections import defaultdict
from itertools import count, zip_longest
from typing import NamedTuple

import pytest
from hypothesis import strategies as st

from cases.flows.declarations import declare, parse_declaration
from cases.fold.fold import Folder
from cases.fold.hubs import hubs
from cases.fold.rebuild import verify
from store.client import open_store
from store.intake import Envelope, insert_envelopes
from tests.cases.orders import Wire
from tests.drawn import drawn
from tests.stopped_fold import fold_until

pytestmark = pytest.mark.slow

FLOW = "o2c"
HISTORIES = 16
EDGES = {("order", "item"), ("item", "package"), ("package", "tracking"), ("order", "invoice")}
LIMIT = 2
DECLARED = {
    "flow": FLOW,
    "lead": "order",
    "paths": ["order > item > package > tracking", "order > invoice"],
    "hub_limit": LIMIT,
}
numbers = count(1)

# Of a run's statements, every so manieth is one at which it is stopped.
STRIDE = 6


class Event(NamedTuple):
    """A step: ``refs`` are (type, value), ``links`` (source type, source value, target type, target value)."""

    trace: str = ""
    span: str = ""
    case: str = ""
    refs: tuple = ()
    links: tuple = ()
    flow: str = FLOW


def event(**fields):
    number = next(numbers)
    return Event(**{"trace": f"{number:032x}", "span": f"s{number}", **fields})


@pytest.fixture(scope="module")
def store(chdb_directory):
    with chdb_directory.migrated() as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture
def tenant(store):
    return new_tenant(store)


def new_tenant(store):
    name = f"tenant-{next(numbers)}"
    declare(store, name, [parse_declaration(DECLARED, "test")])
    return name


def envelope(tenant, events):
    wire = Wire()
    for one in events:
        many = defaultdict(list)
        for kind, value in one.refs:
            many[f"ref.{kind}"].append(value)
        for source, source_value, target, target_value in one.links:
            many[f"link.{source}.{target}"] += [source_value, target_value]
        wire.step("s", "work", 0, trace=one.trace, key=one.span, case=one.case, flow=one.flow, **many)
    return Envelope(tenant, 1, wire.request())


def insert(store, tenant, events):
    insert_envelopes(store, [envelope(tenant, events)], f"correlation-{next(numbers)}")


def send(store, tenant, events):
    insert(store, tenant, events)
    fold(store)


def fold(store):
    while Folder(store).fold_pending():
        pass


def counted(store, tenant):
    """case → (events, of which shared)."""
    sql = "SELECT CaseId, Events, SharedEvents FROM cases FINAL WHERE Tenant = {tenant:String} ORDER BY CaseId"
    return {row["CaseId"]: (row["Events"], row["SharedEvents"]) for row in store.rows(sql, tenant=tenant)}


def rows(store, tenant, table, columns):
    sql = f"SELECT DISTINCT {columns} FROM {table} WHERE Tenant = {{tenant:String}}"  # noqa: S608 - names of our own
    return {tuple(row.values()) for row in store.rows(sql, tenant=tenant)}


# The same once more, in plain Python, from docs/attributes.md.


def expected_links(events):
    """(flow, source, target), each end a (type, value)."""
    found = set()
    for one in events:
        refs = {("case", value) if kind == "order" else (kind, value) for kind, value in one.refs}
        ends = refs | ({("case", one.case)} if one.case and one.flow == FLOW else set())
        pairs = {(source, target) for source in ends for target in one.refs}
        pairs |= {((a if a != "order" else "case", b), (c, d)) for a, b, c, d in one.links}
        if one.flow in ("", FLOW):
            found |= {(FLOW, *pair) for pair in pairs if (pair[0][0].replace("case", "order"), pair[1][0]) in EDGES}
    bare = {one.trace for one in events if not one.case and not one.refs}
    for one in events:
        if one.trace in bare:
            ends = {("case", one.case)} if one.case else set(one.refs)
            found |= {(one.flow, end, ("trace", one.trace)) for end in ends}
    return found


def expected_hubs(links):
    sources = defaultdict(set)
    for flow, source, target in links:
        sources[flow, target].add(source)
    return {key for key, leading in sources.items() if key[0] == FLOW and len(leading) > LIMIT}


def expected_reach(events, links, hub_ids):
    onward = defaultdict(set)
    for flow, source, target in links:
        if (flow, target) not in hub_ids:
            onward[source].add(target)
    reach = {}
    for case in {one.case for one in events if one.case}:
        front = seen = {("case", case), ("order", case)}
        while front:
            front = set().union(*(onward[end] for end in front)) - seen
            seen = seen | front
        reach[case] = seen
    return reach


def expected_counts(events, reach):
    found = {case: [0, 0] for case in reach}
    for one in events:
        keys = set(one.refs) or {("trace", one.trace)}
        members = [one.case] if one.case else [case for case, ends in reach.items() if ends & keys]
        for case in members:
            found[case][0] += 1
            found[case][1] += len(members) > 1
    return {case: tuple(counts) for case, counts in sorted(found.items())}


ids = st.sampled_from(
    [
        ("item", "A1"), ("item", "B1"), ("item", "C1"), ("item", "D1"), ("package", "P"), ("package", "Q"),
        ("tracking", "T"), ("tracking", "U"), ("invoice", "I"), ("order", "A"), ("order", "B"),
    ]
)  # fmt: skip
explicit = st.sampled_from(
    [
        ("order", "A", "item", "A1"), ("case", "C", "item", "C1"), ("item", "A1", "package", "P"),
        ("item", "D1", "package", "P"), ("package", "P", "tracking", "T"), ("tracking", "T", "item", "B1"),
    ]
)  # fmt: skip


@st.composite
def histories(draw):
    """Events of a few orders that share items, packages, traces; doubled, in batches of any order."""
    events = []
    for number in range(draw(st.integers(6, 20))):
        case = draw(st.sampled_from("ABCD") | st.just(""))
        events.append(
            Event(
                trace=f"{draw(st.integers(1, 5)):032x}",
                span=f"n{number}",
                case=case,
                refs=tuple(draw(st.lists(ids, max_size=3, unique=True))),
                links=tuple(draw(st.lists(explicit, max_size=1))),
                flow=FLOW if case else draw(st.sampled_from([FLOW, FLOW, ""])),
            )
        )
    shuffled = draw(st.permutations(events + draw(st.lists(st.sampled_from(events), max_size=3))))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), min_size=1, max_size=3)))
    return events, [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]


def test_any_permutation_doubling_and_split_gives_the_same(store):
    """Each history is one tenant's among others who have the same ids: nothing of theirs is seen.

    They are folded together, as a fold takes its time for statements, not for rows.
    """
    known = {new_tenant(store): history for history in drawn(histories(), HISTORIES)}
    for batches in zip_longest(*(batches for _, batches in known.values()), fillvalue=()):
        requests = [envelope(tenant, batch) for tenant, batch in zip(known, batches, strict=True) if batch]
        insert_envelopes(store, requests, f"correlation-{next(numbers)}")
        fold(store)
    for tenant, (events, _) in known.items():
        correct(store, tenant, events)


def correct(store, tenant, events):
    """Everything of a tenant is what the definitions give."""
    links = expected_links(events)
    hub_ids = expected_hubs(links)
    reach = expected_reach(events, links, hub_ids)
    columns = "Flow, SourceType, SourceValue, TargetType, TargetValue"
    flat = {(flow, *source, *target) for flow, source, target in links}
    assert rows(store, tenant, "links", columns) == rows(store, tenant, "links_by_target", columns) == flat, events
    assert rows(store, tenant, "hubs", "Flow, IdType, IdValue") == {(flow, *end) for flow, end in hub_ids}, events
    reached = {(case, *end) for case, ends in reach.items() for end in ends}
    for table in ("reach", "reach_by_case"):
        assert rows(store, tenant, table, "CaseId, IdType, IdValue") == reached, (table, events)
    assert counted(store, tenant) == expected_counts(events, reach), events


def test_a_hub_merges_nothing_and_is_reported(store, tenant):
    """The third item in one package is one too many: nobody's events hang from it, nor from what it leads to."""
    packed = [
        [event(case=name, refs=(("item", f"{name}1"),)), event(refs=(("item", f"{name}1"), ("package", "P")))]
        for name in "ABC"
    ]
    further = [event(refs=(("package", "P"), ("tracking", "T"))), event(refs=(("tracking", "T"),))]
    send(store, tenant, [*packed[0], *packed[1], *further])
    assert counted(store, tenant) == {"A": (5, 4), "B": (5, 4)}
    assert hubs(store, tenant, FLOW) == ()
    send(store, tenant, packed[2])
    assert counted(store, tenant) == {"A": (2, 0), "B": (2, 0), "C": (2, 0)}
    ((id_type, id_value, sources),) = [(hub.id_type, hub.id_value, hub.sources) for hub in hubs(store, tenant, FLOW)]
    assert (id_type, id_value, sources) == ("package", "P", 3)
    assert hubs(store, "somebody else", FLOW) == ()
    # What also hangs from elsewhere stays.
    send(store, tenant, [event(case="A", refs=(("item", "A1"),)), event(refs=(("item", "A1"), ("package", "Q")))])
    send(store, tenant, [event(refs=(("package", "Q"), ("tracking", "T")))])
    assert counted(store, tenant)["A"] == (7, 0)


def test_an_explicit_link_brings_what_hangs_several_hops_away(store, tenant):
    send(store, tenant, [event(case="A"), event(refs=(("tracking", "T"),)), event(refs=(("package", "P"),))])
    send(store, tenant, [event(case="B", links=(("package", "P", "tracking", "T"), ("tracking", "T", "order", "B")))])
    send(store, tenant, [event(flow="", refs=(("invoice", "I"),), links=(("item", "A1", "package", "P"),))])
    assert counted(store, tenant)["A"] == (1, 0)
    send(store, tenant, [event(case="B", links=(("order", "A", "item", "A1"),))])
    assert counted(store, tenant) == {"A": (3, 0), "B": (2, 0)}


def test_an_undeclared_flow_takes_explicit_links_from_its_case(store, tenant):
    policy = (("policy", "P"),)
    send(store, tenant, [event(flow="claim", case="C-1"), event(flow="claim", refs=policy)])
    send(store, tenant, [event(flow="claim", links=(("case", "C-1", "policy", "P"), ("policy", "P", "person", "N")))])
    send(store, tenant, [event(flow="claim", refs=(("person", "N"),))])
    assert counted(store, tenant) == {"C-1": (2, 0)}


def test_what_a_new_hub_takes_back_is_taken_back_after_a_stop_anywhere(store):
    """The third item in a package makes a hub; the fold of it is stopped at a later statement each time."""
    before = [event(case=name, refs=(("item", f"{name}1"),)) for name in "ABD"]
    before += [event(refs=(("item", f"{name}1"), ("package", "P"))) for name in "AB"]
    # D shares what hangs from the package by another way.
    before += [event(refs=(("item", "D1"), ("package", "Q"))), event(refs=(("package", "P"), ("tracking", "T")))]
    before += [event(refs=(("package", "Q"), ("tracking", "T")))]
    tenants = [new_tenant(store) for _ in range(8)]
    insert_envelopes(store, [envelope(tenant, before) for tenant in tenants], f"correlation-{next(numbers)}")
    Folder(store).fold_pending()
    assert counted(store, tenants[0]) == {"A": (5, 4), "B": (5, 4), "D": (4, 2)}
    for tenant, limit in zip(tenants, count(3, STRIDE), strict=False):
        insert(store, tenant, [event(refs=(("item", "C1"), ("package", "P")))])
        through = fold_until(store, limit)
        fold_until(store)
        assert counted(store, tenant) == {"A": (2, 0), "B": (2, 0), "D": (4, 0)}, limit
        if through:
            break
    assert limit > 15
    assert rows(store, tenant, "hubs FINAL", "IdValue, Settled") == {("P", 1)}
    assert verify(store).agrees
