"""What the product tells of imported logs is what pandas computes from the files."""

import os
from pathlib import Path

import pytest

from proof.oracle.figures import figures, rejections
from proof.oracle.product import bring_in, running
from proof.oracle.published import published
from proof.oracle.small import write_logs
from proof.oracle.table import lines, shown


def compared(logs, data, known):
    """Figures of the product and of the files, and the lines of those that differ."""
    bring_in(logs, data)
    with running(data) as product:
        ours = product.figures()
    files = figures(logs)
    return files, [shown(line) for line in lines(ours, files, known) if not line.equal]


def test_small_logs_of_our_own(tmp_path):
    (tmp_path / "logs").mkdir()
    write_logs(tmp_path / "logs")
    files, different = compared(tmp_path / "logs", tmp_path / "data", {})
    assert different == []
    # Nothing is compared that is not there: paid and unpaid, rejected, repeated, in both logs and in one.
    for name in ("cases with a rejection", "cases with a repeated activity", "paid cases, first time right"):
        assert 0 < files["international", name] < files["international", "cases"]
    assert 0 < files["joined", "ids only of international"] < files["joined", "ids of permits and international"]


def test_the_real_logs(tmp_path):
    """As ``make oracle``; takes minutes."""
    folder = os.environ.get("ORACLE_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("NO DATA: the real logs were not looked at. Name their folder in ORACLE_DATA.")
    assert compared(Path(folder), tmp_path / "data", published())[1] == []


def test_a_rejection_that_passes_on_another_is_none():
    assert rejections(("Declaration SUBMITTED by A", "Declaration REJECTED by B", "Declaration REJECTED by A")) == 1
    assert rejections(("Declaration REJECTED by B", "Send Reminder", "Declaration REJECTED by A")) == 1
    assert rejections(("Declaration REJECTED by B", "Declaration SUBMITTED by A", "Declaration REJECTED by B")) == 2
