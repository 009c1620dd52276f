"""What the server answers when a browser requests a page or a section, without a browser."""

from urllib.parse import urlsplit

import httpx

BERLIN = {"flowtrail_zone": "Europe%2FBerlin"}


class Answered:
    """``words``: the text with single spaces. ``links`` by their text. ``kinds``: the types of live components."""

    def __init__(self, parts):
        self.texts, self.links, self.kinds, self.props = [], {}, [], {}
        self._read(parts)
        self.words = " ".join(" ".join(self.texts).split())

    def _read(self, part):
        if isinstance(part, dict):
            self.kinds.append(part["type"])
            if isinstance(part["props"].get("id"), str):
                self.props[part["props"]["id"]] = part["props"]
            self._read(part["props"].get("children"))
            for tree in part["props"].get("tree", []):
                self._tree(tree)
        elif isinstance(part, list):
            for child in part:
                self._read(child)
        elif part is not None:
            self.texts.append(str(part))

    def _tree(self, tree):
        if not isinstance(tree, list):
            self.texts.append(str(tree))
            return
        before = len(self.texts)
        for child in tree[2:]:
            self._tree(child)
        if "href" in tree[1]:
            self.links["".join(self.texts[before:])] = tree[1]["href"]


def page(site, address):
    """The page at an address, as a browser in Berlin gets it."""
    parts = urlsplit(address)
    inputs = [
        ("_pages_location", "pathname", parts.path),
        ("_pages_location", "search", parts.query and f"?{parts.query}"),
    ]
    outputs = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
    answer = _ask(site, {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": outputs,
        "inputs": [_value(*value) for value in [*inputs, ("redraw", "data", 0)]],
        "changedPropIds": ["_pages_location.pathname", "_pages_location.search"],
    })  # fmt: skip
    return Answered(answer["response"]["_pages_content"]["children"])


def section(site, name, **choices):
    """A section of the business page. ``choices`` differ from the defaults in the store of the page."""
    seen, place = {"kind": "seen", "section": name}, {"kind": "section", "section": name}
    chosen = {"flow": "order-to-cash", "interval": "week", "group_by": "", **choices}
    answer = _ask(site, {
        "output": '{"kind":"section","section":["MATCH"]}.children',
        "outputs": {"id": place, "property": "children"},
        "inputs": [_value(seen, "data", 1)],
        "state": [_value(seen, "id", seen), _value("chosen", "data", chosen)],
        "changedPropIds": [f'{{"kind":"seen","section":"{name}"}}.data'],
    })  # fmt: skip
    (filled,) = answer["response"].values()
    return Answered(filled["children"])


def _value(name, prop, value):
    return {"id": name, "property": prop, "value": value}


def _ask(site, body):
    answer = httpx.post(f"{site}/_dash-update-component", json=body, cookies=BERLIN)
    assert answer.status_code == 200, answer.text
    return answer.json()
