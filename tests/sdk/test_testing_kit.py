from __future__ import annotations

import flowtrail
from flowtrail import testing


def test_ids_and_times_are_the_same_in_every_run():
    def run():
        with testing.capture("wms") as captured:
            flow = flowtrail.Flow("f", runtime=captured.runtime)
            with flow.case("SO-1") as case, case.step("a"), case.step("b", kind="approval"):
                captured.clock.advance(1.5)
            return [s.to_json() for s in captured.all()]

    assert run() == run()


def test_finished_spans_and_started_records_are_kept_apart():
    with testing.capture("wms") as captured:
        with flowtrail.Flow("f", runtime=captured.runtime).case("SO-1").step("a", kind="approval"):
            pass
        assert (len(captured.all()), len(captured.spans()), len(captured.started())) == (2, 1, 1)
        captured.exporter.clear()
        assert captured.all() == []


def test_anything_can_be_set_but_the_exporter():
    with testing.capture("wms", strict=False, resource_attributes={"service.version": "7"}) as captured:
        assert not captured.runtime.checks.strict
        assert captured.runtime.resource.attributes["service.version"] == "7"
