"""docs/attributes.md says every word of flowtrail.conventions, and no word that is not there."""

import re

import pytest
from flowtrail import conventions

ROW = re.compile(r"^\| `([a-z_.<>]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
CONSTANTS = {name: value for name, value in vars(conventions).items() if name.isupper()}
WORDS = sorted({word for value in CONSTANTS.values() if isinstance(value, tuple) for word in value})


@pytest.fixture(scope="module")
def document(repository):
    return (repository / "docs" / "attributes.md").read_text(encoding="utf-8")


def attributes():
    """Attribute names as the tables write them: a prefix stands for itself and a word of the sender's."""
    return [value for name, value in CONSTANTS.items() if isinstance(value, str) and not name.startswith("STATE_")]


@pytest.mark.parametrize("attribute", attributes())
def test_each_attribute_has_a_row(document, attribute):
    rows = [name.partition("<")[0] for name, *_ in ROW.findall(document)]
    assert rows.count(attribute) == 1


def test_no_row_is_about_an_attribute_that_does_not_exist(document):
    rows = {name.partition("<")[0] for name, *_ in ROW.findall(document)}
    assert rows == set(attributes())


@pytest.mark.parametrize("word", [*WORDS, conventions.STATE_STARTED])
def test_each_word_of_a_closed_list_is_explained(document, word):
    assert f"`{word}`" in document


def test_every_name_in_the_text_exists(document):
    named = set(re.findall(r"`(flow\.[a-z_.]+)", document))
    prefixes = tuple(value for value in attributes() if value.endswith("."))
    assert {name for name in named if name not in attributes() and not name.startswith(prefixes)} <= {
        "flow.conventions"
    }


def test_the_touch_actions_are_the_ones_listed(document):
    section = document.partition("### Touches")[2].partition("Looking")[0]
    assert [word for word in re.findall(r"`(\w+)`", section) if word != "human"] == list(conventions.TOUCH_ACTIONS)
