from dashboards.components.trail.step_progress import progress
from tests.dashboards.fixture_flows import STEPS
from tests.dashboards.fixture_trails import TRAILS


def states(case_id):
    trail = TRAILS[case_id]
    steps = progress(STEPS, trail["events"], in_flight=trail["case"]["in_flight"])
    return {step.step: step.state for step in steps}


def test_a_finished_case_has_left_out_what_was_optional_and_failed_what_never_succeeded():
    by_step = states("SO-10427")
    assert (by_step["refund"], by_step["check-credit"], by_step["book-carrier"]) == ("skipped", "failed", "done")


def test_a_case_in_flight_has_steps_running_and_to_come():
    by_step = states("SO-10431")
    assert (by_step["approve-order"], by_step["pick"], by_step["refund"]) == ("running", "to come", "skipped")


def test_a_step_that_was_passed_over_is_not_seen():
    steps = progress(STEPS, [{"id": "1", "step": "pick", "state": "finished", "failed": False}], in_flight=True)
    assert [step.state for step in steps[:4]] == ["missing", "missing", "missing", "skipped"]
