"""A small HTTP server with hand-made answers in the shapes of the query API, to test pages without a store."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tests.dashboards import fixture_flows, fixture_kpis
from tests.dashboards.fixture_measures import listed, measured
from tests.dashboards.fixture_trails import FLOW, TOKEN, TRAILS, logs_of

BRIEF = ("flow", "case_id", "in_flight", "outcome", "start", "end", "value", "now", "success", "due_at", "sla")


def brief(trail):
    """A row of a list of cases."""
    exceptions = trail["case"]["exceptions"]
    still_open = sum(exception["state"] == "open" for exception in exceptions)
    return {name: trail["case"][name] for name in BRIEF} | {
        "exceptions_n": len(exceptions),
        "exceptions_open_n": still_open,
    }


class FixtureApi:
    """The answers. ``mode`` is normal, empty, unfinished, down (503), refusing (400), too many groups (400) or broken
    (not JSON). ``requests`` has the target of each request."""

    def __init__(self):
        self.mode = "normal"
        self.requests = []

    def answer(self, target):
        """Status and body for a request target."""
        self.requests.append(target)
        if self.mode == "down":
            return 503, problem(503, "The store cannot be reached", "connection refused", "Is ClickHouse running?")
        if self.mode == "refusing":
            return 400, problem(400, "Unknown time zone", "'Mars/Olympus' is no IANA zone", "Use a name such as UTC.")
        parts = urlsplit(target)
        words = [unquote(word) for word in parts.path.removeprefix("/api/v1/").split("/")]
        return self._route(words, parse_qs(parts.query, keep_blank_values=True))

    def _route(self, words, query):  # noqa: PLR0911 - one case for each address
        empty = self.mode == "empty"
        match words:
            case ["search"]:
                return 200, {
                    "query": query["q"][0],
                    "truncated": False,
                    "results": [] if empty else search(query["q"][0]),
                }
            case ["flows", *which] if len(which) < 2 or which[1] == "hubs":
                return 200, fixture_flows.answer(which, [] if empty else [flow()])
            case ["flows", _, "cases"]:
                cases = [] if empty else [brief(made) for made in TRAILS.values()]
                return 200, {"n": len(cases), "cases": cases, "next": None}
            case ["flows", _, "cases", case_id, ("trail" | "logs") as part] if case_id in TRAILS:
                records = logs(case_id, query)
                return 200, records if part == "logs" else TRAILS[case_id] | {"logs": records}
            case ["flows", name, "measures"]:
                return 200, {"flow": name, "measures": [] if self.mode == "unfinished" else listed(name)}
            case ["flows", name, "measures", measure]:
                return 200, measured(name, measure, query)
            case ["flows", name, "kpis"]:
                return self._kpis(name, query)
        return 404, problem(404, "No such case", "Nothing is stored under this id.", "Search for another identifier.")

    def _kpis(self, name, query):
        if self.mode == "too many groups" and "group_by" in query:
            return 400, problem(400, "Bad request", "There are 501 groups; 500 can be answered.", "Choose another.")
        only = query.get("only", [",".join(fixture_kpis.TITLES)])[0].split(",")
        made = [fixture_kpis.answer(kpi, query, name) for kpi in only]
        if self.mode == "unfinished":
            made = [fixture_kpis.without_finished(kpi) for kpi in made]
        return 200, {"flow": name, "window": made[0]["window"], "kpis": made}


def logs(case_id, query):
    """The page of log records that the parameters select."""
    level, after = query.get("logs", ["all"])[0], int(query.get("cursor", ["0"])[0])
    trail = TRAILS[case_id]
    return logs_of(trail["logs"]["everything"], level, after)


def problem(status, title, detail, hint):
    return {"type": "urn:flowtrail:problem:invalid", "title": title, "status": status, "detail": detail, "hint": hint}


def flow():
    return {
        "name": FLOW, "versions": ["1"], "lead": "order", "declared": True, "cases": 12480, "in_flight": 318,
        "paths": ["order > item", "item > package", "package > tracking", "order > sales_document", "order > invoice"],
        "dimensions": ["channel", "business_unit", "route"],
        "segments": ["channel", "business_unit"], "first_start": "2026-10-01T06:00:00Z",
        "last_event": "2026-11-22T15:29:58Z",
    }  # fmt: skip


def search(text):
    """Exact matches over all ids of the fixture's cases, else prefixes."""
    entries = [(made, entry) for made in TRAILS.values() for entry in made["case"]["ids"] or [own(made)]]
    exact = [(made, entry) for made, entry in entries if entry["value"] == text]
    near = [(made, entry) for made, entry in entries if entry["value"].startswith(text)]
    results = {}
    for made, entry in exact or near:
        row = results.setdefault(made["case"]["case_id"], brief(made) | {"matched": [], "exact": bool(exact)})
        row["matched"].append(match(entry["type"], entry["value"]))
    if text == "P-7731":
        results["SO-10431"] = brief(TRAILS["SO-10431"]) | {
            "matched": [match("package", text)],
            "exact": True,
        }
    return list(results.values())


def match(kind, value):
    return {"type": kind, "value": value, "tokenised": value == TOKEN}


def own(made):
    return {"type": "order", "value": made["case"]["case_id"]}


@contextmanager
def serving(fixture):
    """Serves the fixture on a free port of 127.0.0.1; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if fixture.mode == "broken":
                status, kind, body = 200, "text/html", b"<html>a proxy's page</html>"
            elif "/export?" in self.path and fixture.mode == "normal":
                status, kind, body = 200, "text/csv", f"request\n{self.path}\n".encode()
            else:
                status, answer = fixture.answer(self.path)
                kind, body = "application/json", json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if kind == "text/csv":
                self.send_header("Content-Disposition", 'attachment; filename="cases.csv"')
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
