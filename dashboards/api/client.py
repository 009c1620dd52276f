"""The one door to the data: an HTTP client of the query API."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx

from dashboards.api.errors import ApiProblem, ApiRefused, ApiUnavailable, ApiUnreadable, DashboardError

Json = dict[str, Any]
Params = Mapping[str, str | list[str]]

PREFIX = "/api/v1"
UNAVAILABLE = frozenset({502, 503, 504})
REFUSED = frozenset({401, 403})


class Api:
    """Read trails, cases and KPIs; every method returns the decoded JSON object or raises a ``DashboardError``.

    ``url`` is the address without ``/api/v1``; ``key`` has the scope read, '' for none; ``timeout_s`` bounds connecting
    and each read, in seconds. Thread-safe, because ``httpx.Client`` is.
    """

    def __init__(self, url: str, key: str = "", timeout_s: float = 15.0) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # The API is named explicitly, so a proxy from the environment would only get in the way.
        self._client = httpx.Client(base_url=self.url + PREFIX, headers=headers, timeout=timeout_s, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def search(self, text: str) -> Json:
        """Cases that carry this identifier, exactly or, if none does, as a prefix."""
        return self._get("/search", {"q": text})

    def flows(self) -> list[Json]:
        """Every flow seen or declared, with its counts."""
        return list(self._get("/flows").get("flows", []))

    def cases(self, flow: str, params: Params) -> Json:
        """One page of cases; the parameters of a figure's ``cases_url`` select exactly its population."""
        return self._get(f"/flows/{segment(flow)}/cases", params)

    def trail(self, flow: str, case_id: str, logs: str = "") -> Json:
        """One case with its lanes, events and waits, and the first of its ``logs`` (all, warnings, none; "": all)."""
        return self._get(f"/flows/{segment(flow)}/cases/{segment(case_id)}/trail", {"logs": logs} if logs else {})

    def logs(self, flow: str, case_id: str, params: Params) -> Json:
        """A page of the log records of a case."""
        return self._get(f"/flows/{segment(flow)}/cases/{segment(case_id)}/logs", params)

    def kpis(self, flow: str, params: Params, only: Sequence[str] = ()) -> list[Json]:
        """KPIs over a window, all or ``only`` these; with ``compare=previous`` beside the period before.

        One for which ``group_by`` has no meaning comes without groups.
        """
        asked = {**params, "only": ",".join(only)} if only else params
        return list(self._get(f"/flows/{segment(flow)}/kpis", asked).get("kpis", []))

    def measures(self, flow: str) -> list[Json]:
        """The business measures of a flow; "-" for those of none."""
        return list(self._get(f"/flows/{segment(flow)}/measures").get("measures", []))

    def measure(self, flow: str, name: str, params: Params) -> Json:
        """One measure over a window."""
        return self._get(f"/flows/{segment(flow)}/measures/{segment(name)}", params)

    def flow(self, name: str, *, findings: bool = True) -> Json:
        """One flow: its declaration, how much of it was seen, and with ``findings`` what does not fit together."""
        return self._get(f"/flows/{segment(name)}", {} if findings else {"findings": "false"})

    def hubs(self, name: str) -> list[Json]:
        """Identifiers of a flow that would join too many cases and are therefore not followed."""
        return list(self._get(f"/flows/{segment(name)}/hubs").get("hubs", []))

    def export(self, flow: str, case_id: str, params: Params) -> tuple[Mapping[str, str], Iterator[bytes]]:
        """Cases as a file: the headers and the pieces; all that ``params`` select, or one. Close the pieces."""
        one = f"/flows/{segment(flow)}/cases/{segment(case_id)}/export"
        request = self._client.build_request("GET", one if case_id else f"/flows/{segment(flow)}/export", params=params)
        with self._reaching():
            response = self._client.send(request, stream=True)
            if response.status_code >= 400:
                response.read()
                _decode(response)
        return response.headers, _pieces(response)

    def _get(self, path: str, params: Params | None = None) -> Json:
        with self._reaching():
            response = self._client.get(path, params=dict(params or {}))
        return _decode(response)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException as error:
            raise ApiUnavailable(
                "The query API did not answer in time",
                f"No answer from {self.url} ({type(error).__name__}).",
                "The store may be busy. A shorter window or fewer segments is answered sooner.",
            ) from error
        except httpx.HTTPError as error:
            raise ApiUnavailable(
                "The query API cannot be reached",
                f"{self.url}: {error}",
                "Check that the server runs (`flowtrail serve`) and that this address is right.",
            ) from error


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    finally:
        response.close()


def segment(text: str) -> str:
    """One path segment: everything is quoted, a slash too. Dots alone would be read as directories."""
    return text.replace(".", "%2E") if set(text) == {"."} else quote(text, safe="")


def _decode(response: httpx.Response) -> Json:
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.status_code >= 400:
        raise _problem(response, body if isinstance(body, dict) else {})
    if not isinstance(body, dict):
        raise ApiUnreadable(
            "Something else than the query API answered",
            f"{response.url} returned {response.headers.get('content-type', 'no content type')}, not a JSON object.",
            "Check the address of the query API in the server's settings.",
        )
    return body


def _problem(response: httpx.Response, body: Json) -> DashboardError:
    if response.status_code in REFUSED:
        return _refused(response, body)
    kind = ApiUnavailable if response.status_code in UNAVAILABLE else ApiProblem
    return kind(
        str(body.get("title") or response.reason_phrase or "The query API refused"),
        str(body.get("detail") or ""),
        str(body.get("hint") or ""),
        response.status_code,
    )


def _refused(response: httpx.Response, body: Json) -> DashboardError:
    """The reader of the page has no key; the dashboards have one, or should."""
    given = "authorization" in response.request.headers
    return ApiRefused(
        "The query API refuses the dashboards' key" if given else "The query API asks the dashboards for a key",
        str(body.get("detail") or ""),
        "Start the dashboards with FLOWTRAIL_API_KEY set to a key made with `flowtrail keys create --scope read`.",
        response.status_code,
    )
