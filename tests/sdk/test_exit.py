"""What happens when the process ends: each test is a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time

STEP = "import sys, flowtrail\nrt = flowtrail.init('wms', sys.argv[1], schedule_delay_s=600, {})\n"
STEP += "with flowtrail.Flow('f').case('SO-1').step('last'):\n    pass\n{}"


def run(url, settings="", end=""):
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", STEP.format(settings, end), url], capture_output=True, check=False, timeout=60
    )
    return done.returncode, done.stderr.decode(), time.monotonic() - begin


def test_the_last_spans_are_sent_when_the_process_ends(receiver):
    assert run(receiver.url)[:2] == (0, "")
    assert receiver.names() == ["last"]


def test_they_are_sent_when_it_ends_with_an_error(receiver):
    code, stderr, _ = run(receiver.url, end="raise ValueError('the host fails')")
    assert (code, "the host fails" in stderr) == (1, True)
    assert receiver.names() == ["last"]


def test_a_process_does_not_wait_longer_than_it_was_told_for_a_receiver_that_hangs(receiver, answer):
    receiver.answers = [answer(hang=True)]
    code, _, seconds = run(receiver.url, settings="timeout_s=600, exit_timeout_s=0.2")
    assert code == 0
    assert seconds < 30


def test_a_collector_that_is_down_changes_nothing_for_the_host():
    code, stderr, _ = run("http://127.0.0.1:9", settings="exit_timeout_s=0.2")
    assert code == 0
    assert "Traceback" not in stderr


def test_what_a_collector_that_is_down_could_not_take_is_told_at_the_end(receiver_that_is_down):
    code, stderr, _ = run(receiver_that_is_down.url, settings="exit_timeout_s=0.5")
    assert code == 0
    assert "could not deliver 1 spans" in stderr


def test_the_last_spans_reach_a_collector_that_comes_up_while_the_process_ends(receiver_that_is_down):
    arguments = [sys.executable, "-c", STEP.format("exit_timeout_s=30", ""), receiver_that_is_down.url]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        assert "is tried again" in process.stderr.readline()  # 600 s before its time, so the process is ending
        receiver_that_is_down.start()
        assert process.wait(60) == 0
    assert receiver_that_is_down.names() == ["last"]


def test_zero_does_not_wait_at_all(receiver):
    assert run(receiver.url, settings="exit_timeout_s=0")[0] == 0
