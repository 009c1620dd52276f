from __future__ import annotations

from collector.service import Collector
from tests.collector.running import Running, settings


def test_other_troubles_keep_the_collector_from_being_ready_but_not_from_accepting(tmp_path, sink):
    trouble: list[str] = []
    other = Collector(settings(tmp_path), sink, troubles=(lambda: trouble[0] if trouble else None,))
    with Running(other) as running:
        assert running.http.get("/readyz").status_code == 200
        trouble.append("Cases are not up to date: the store is away.")
        answer = running.http.get("/readyz")
        assert (answer.status_code, answer.json()["accepting"], answer.json()["reasons"]) == (503, True, trouble)
        trouble.clear()
        assert running.http.get("/readyz").json()["ready"] is True
