"""Flow declarations: paths become typed, directed edges; what cannot be meant is refused with the mend."""

import pytest

from cases.declaration import confirm, declare, deepest_path, parse_declaration, read_declaration
from cases.errors import CasesError
from store.client import open_store

GOOD = {"name": "o2c", "lead": "order", "paths": ["order > item > package", "order > invoice"], "segments": ["region"]}


def test_paths_become_edges_away_from_the_lead():
    declaration = parse_declaration(GOOD, "x")
    assert declaration.edges == (("order", "item"), ("item", "package"), ("order", "invoice"))
    assert (declaration.depth, declaration.segments) == (2, ("region",))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "'name' is missing"),
        ({"lead": None}, "'lead' is missing"),
        ({"lead": "Order"}, "not a name for an id type"),
        ({"lead": "case"}, "not a name for an id type"),
        ({"paths": "order > item"}, "must be a list of strings"),
        ({"paths": ["item > package"]}, "does not start at the lead type"),
        ({"paths": ["order > item > order"]}, "leads back"),
        ({"paths": [" > ".join(["order", *(f"t{n}" for n in range(20))])]}, "longer than 16 hops"),
    ],
)
def test_what_cannot_be_meant_is_refused(change, message):
    with pytest.raises(CasesError, match=message) as caught:
        parse_declaration({**GOOD, **change}, "flow.toml")
    assert caught.value.code == "invalid"
    assert caught.value.hint


def test_a_file_that_is_no_toml_is_named(tmp_path):
    file = tmp_path / "flow.toml"
    file.write_text("name = ")
    with pytest.raises(CasesError, match=r"flow\.toml cannot be read"):
        read_declaration(file)


def test_says_whether_cases_must_be_rebuilt(migrated_url):
    store = open_store(migrated_url)
    assert deepest_path(store) == 1
    declarations = [parse_declaration(GOOD, "x")]
    assert declare(store, "default", declarations)
    assert declare(store, "default", declarations), "until the rebuild is confirmed"
    confirm(store, "default", declarations)
    assert not declare(store, "default", declarations)
    assert not declare(store, "default", [parse_declaration({**GOOD, "segments": []}, "x")])
    assert deepest_path(store) == 2
    longer = {**GOOD, "paths": ["order > item > package > tracking"]}
    assert declare(store, "default", [parse_declaration(longer, "x")])
    assert deepest_path(store) == 3
    store.close()
