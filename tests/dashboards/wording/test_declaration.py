from dashboards.wording.declaration import words
from tests.dashboards.fixture_flows import declared, undeclared


def test_a_declaration_is_put_into_words_and_an_empty_one_left_out():
    described = words(declared({"lead": "order", "segments": ["channel"], "dimensions": ["channel", "route"]}))
    assert described["Outcomes"] == "completed: success; rejected and cancelled: failure"
    assert described["Calendar"] == "Europe/Berlin, weeks begin on Monday"
    assert described["Dimensions"] == "channel (segment), route"
    assert words(undeclared()) == {"A case is": "one case"}
