"""The policy file: what it may say, and where it is wrong if it says something else."""

import pytest
from click.testing import CliRunner

from server.cli import main
from server.errors import PolicyError
from server.policy import BUILT_IN, Policy, load_policy, redactor
from server.settings import Settings
from store.errors import StoreUnavailable

GOOD = """
rules:
  - name: customers
    action: tokenise
    keys: [customer.*, flow.case.id]
  - name: phone
    action: mask
    values: ['\\+\\d{8,15}']
    signals: [logs]
switch_off: [card_number]
"""


def written(tmp_path, text):
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_its_rules_come_before_the_built_in_ones(tmp_path):
    rules = load_policy(written(tmp_path, GOOD)).all_rules()
    assert [rule.name for rule in rules] == [
        "customers",
        "phone",
        *(name for name in BUILT_IN if name != "card_number"),
    ]
    assert (rules[1].signals, rules[1].values) == (frozenset({"logs"}), (r"\+\d{8,15}",))


def test_an_empty_file_leaves_the_built_in_rules(tmp_path):
    assert load_policy(written(tmp_path, "")) == Policy()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rules:\n  - name: a\n    action: hide\n    keys: [x]\n", "line 3: rules[0].action"),
        ("rules:\n  - name: a\n    action: mask\n", "line 2: rules[0]: a rule needs keys, values or both"),
        ("rules:\n  - name: a\n    action: mask\n    kyes: [x]\n", "line 4: rules[0].kyes"),
        ("rules:\n\n  - name: Ä\n    action: mask\n    keys: [x]\n", "line 3: rules[0].name"),
        ("rules:\n  - name: a\n    action: mask\n    values: ['(?=x)']\n", "not a pattern that RE2 accepts"),
        ("rules:\n  - name: a\n    action: mask\n    values: ['x*']\n", "matches an empty text"),
        ("rules:\n  - {name: a, action: mask, keys: [x]}\n  - {name: a, action: mask, keys: [y]}\n", "'a' is taken"),
        ("rules:\n  - {name: api_key, action: mask, keys: [x]}\n", "'api_key' is taken"),
        ("switch_off: [nothing]\n", "line 1: switch_off: nothing: not built in"),
        ("- a\n", "line 1: the file"),
        ("rules: [", "is not YAML"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(tmp_path, text, expected):
    with pytest.raises(PolicyError) as caught:
        load_policy(written(tmp_path, text))
    assert expected in str(caught.value)


def test_a_file_that_is_missing_is_said_to_be(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_without_a_file_secrets_are_masked_and_long_values_cut():
    made = redactor(Settings(max_value_bytes=10), lambda _tenant: b"")
    assert made.redact("traces", "t", b"") == b""
    assert made._plans["traces"].limit == 10
    assert len(made._plans["traces"].by_value) == len(BUILT_IN)


def test_a_key_that_is_not_to_be_had_is_waited_for(tmp_path):
    made = redactor(Settings(policy=str(written(tmp_path, GOOD))), lambda _tenant: None)
    with pytest.raises(StoreUnavailable):
        made.keys("t")


def test_check_shows_rules_and_what_they_make_of_a_sample(tmp_path):
    answer = CliRunner().invoke(main, ["policy", "check", str(written(tmp_path, GOOD))])
    assert answer.exit_code == 0
    assert "tokenise customers: customer.*, flow.case.id" in answer.output
    assert "→ tok_" in answer.output
    assert "paid with 4111 1111 1111 1111\n    → paid with 4111 1111 1111 1111" in answer.output


def test_check_takes_attributes_of_ones_own():
    answer = CliRunner().invoke(main, ["policy", "check", "--attribute", "note=Bearer abcdefghijklmnop"])
    assert "→ ***  (authorization)" in answer.output
    assert CliRunner().invoke(main, ["policy", "check", "--attribute", "note"]).exit_code == 2


def test_check_refuses_a_file_that_cannot_be_used(tmp_path):
    answer = CliRunner().invoke(main, ["policy", "check", str(written(tmp_path, "rules: 5"))])
    assert answer.exit_code == 1
    assert "line 1: rules" in answer.output


def test_report_counts_what_the_store_holds(tmp_path, monkeypatch, store_url):
    monkeypatch.setenv("FLOWTRAIL_STORE", store_url)
    answer = CliRunner().invoke(main, ["policy", "report", "--data", str(tmp_path)])
    assert (answer.exit_code, answer.output) == (0, "0 values redacted in 30 days.\n")
    assert CliRunner().invoke(main, ["policy", "report", "--data", str(tmp_path), "--json"]).output == "[]\n"
