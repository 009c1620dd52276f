from dataclasses import dataclass

from common.connections import GRACE, Connections


@dataclass(eq=False)
class Wire:
    answering: bool = False
    aborted: bool = False

    def abort(self):
        self.aborted = True


def test_the_oldest_connection_that_waits_makes_room():
    connections = Connections(3)
    wires = [Wire(answering=True), Wire(), Wire()]
    assert all(connections.enter(wire) for wire in wires)
    # The one that is closed leaves later; until then it is not closed again.
    assert connections.enter(Wire(answering=True))
    assert connections.enter(Wire(answering=True))
    assert [wire.aborted for wire in wires] == [False, True, True]
    assert not connections.enter(Wire())
    connections.leave(wires[0])
    assert len(list(connections)) == 5


def test_a_refused_connection_counts_until_it_leaves():
    connections = Connections(1)
    assert connections.enter(Wire(answering=True))
    refused = [Wire(answering=True) for _ in range(GRACE)]
    assert not any(connections.enter(wire) for wire in refused)
    assert connections.is_full()
    connections.leave(refused[0])
    assert not connections.is_full()


def test_0_is_no_limit():
    connections = Connections(0)
    assert all(connections.enter(Wire(answering=True)) for _ in range(2_000))
    assert not connections.is_full()
