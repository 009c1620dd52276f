from dashboards.components.trail.step_progress import progress
from tests.dashboards.fixture_flows import STEPS
from tests.dashboards.fixture_trails import TRAILS


def states(case_id):
    trail = TRAILS[case_id]
    found = progress(STEPS, trail["events"], in_flight=trail["case"]["in_flight"])
    return {one.step: one.state for one in found}


def test_a_finished_case_has_left_out_what_was_optional_and_failed_what_never_succeeded():
    found = states("SO-10427")
    assert (found["refund"], found["check-credit"], found["book-carrier"]) == ("skipped", "failed", "done")


def test_a_case_in_flight_has_steps_running_and_to_come():
    found = states("SO-10431")
    assert (found["approve-order"], found["pick"], found["refund"]) == ("running", "to come", "skipped")


def test_a_step_that_was_passed_over_is_not_seen():
    found = progress(STEPS, [{"id": "1", "step": "pick", "state": "finished", "failed": False}], in_flight=True)
    assert [one.state for one in found[:4]] == ["missing", "missing", "missing", "skipped"]
