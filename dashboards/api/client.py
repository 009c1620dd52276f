"""The HTTP client of the query API. Nothing else in the dashboards reads data."""

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
    """Reads cases, trails and KPIs. Every method returns decoded JSON or raises a ``DashboardError``.

    ``url`` is the address without ``/api/v1``. ``key`` needs the scope read; '' sends none. ``timeout_s`` limits
    connecting and each read, in seconds. Thread-safe, because ``httpx.Client`` is.

    >>> Api("http://127.0.0.1:8080").trail("order-to-cash", "SO-1001")["case"]["in_flight"]  # doctest: +SKIP
    True
    """

    def __init__(self, url: str, key: str = "", timeout_s: float = 15.0) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # trust_env=False: the API usually runs on this machine, where a proxy of the environment cannot reach it.
        self._client = httpx.Client(base_url=self.url + PREFIX, headers=headers, timeout=timeout_s, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def search(self, text: str) -> Json:
        """Cases that have this identifier; if none has, cases with an identifier that begins with it."""
        return self._get("/search", {"q": text})

    def flows(self) -> list[Json]:
        """Every flow that is declared or has cases, with its counts."""
        return list(self._get("/flows").get("flows", []))

    def cases(self, flow: str, params: Params) -> Json:
        """One page of cases. The parameters of a figure's ``cases_url`` select exactly the cases behind it."""
        return self._get(f"/flows/{segment(flow)}/cases", params)

    def trail(self, flow: str, case_id: str, logs: str = "") -> Json:
        """The trail of a case with the first page of its log records. ``logs``: all, warnings or none; "" for all."""
        return self._get(f"/flows/{segment(flow)}/cases/{segment(case_id)}/trail", {"logs": logs} if logs else {})

    def logs(self, flow: str, case_id: str, params: Params) -> Json:
        """One page of the log records of a case."""
        return self._get(f"/flows/{segment(flow)}/cases/{segment(case_id)}/logs", params)

    def kpis(self, flow: str, params: Params, only: Sequence[str] = ()) -> list[Json]:
        """KPIs over a window, all or ``only`` these. ``compare=previous`` adds the previous period.

        A KPI that cannot be grouped by ``group_by`` comes without groups.
        """
        query = {**params, "only": ",".join(only)} if only else params
        return list(self._get(f"/flows/{segment(flow)}/kpis", query).get("kpis", []))

    def measures(self, flow: str) -> list[Json]:
        """The business measures of a flow; "-" for those that name no flow."""
        return list(self._get(f"/flows/{segment(flow)}/measures").get("measures", []))

    def measure(self, flow: str, name: str, params: Params) -> Json:
        """One business measure over a window."""
        return self._get(f"/flows/{segment(flow)}/measures/{segment(name)}", params)

    def flow(self, name: str, *, findings: bool = True) -> Json:
        """One flow with its declaration. ``findings`` adds where declaration and events differ, which takes longer."""
        return self._get(f"/flows/{segment(name)}", {} if findings else {"findings": "false"})

    def hubs(self, name: str) -> list[Json]:
        """The hubs of a flow: identifiers that are not followed, because too many others lead to them."""
        return list(self._get(f"/flows/{segment(name)}/hubs").get("hubs", []))

    def export(self, flow: str, case_id: str, params: Params) -> tuple[Mapping[str, str], Iterator[bytes]]:
        """Headers and body of an export: of one case, or with '' as ``case_id`` of all that ``params`` select.

        The body comes in pieces; close the iterator to close the connection.
        """
        of_case = f"/cases/{segment(case_id)}" if case_id else ""
        request = self._client.build_request("GET", f"/flows/{segment(flow)}{of_case}/export", params=params)
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
                "The store may be busy. A shorter window or fewer segments need less time.",
            ) from error
        except httpx.HTTPError as error:
            raise ApiUnavailable(
                "The query API cannot be reached",
                f"{self.url}: {error}",
                "Check that the server is running (`flowtrail serve`) and that this address is correct.",
            ) from error


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_bytes()
    finally:
        response.close()


def segment(text: str) -> str:
    """One path segment. A slash is quoted too; so are dots on their own, which would mean a directory."""
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
            "This is not the query API",
            f"{response.url} returned {response.headers.get('content-type', 'no content type')}, not a JSON object.",
            "Check the address of the query API in the settings of the server.",
        )
    return body


def _problem(response: httpx.Response, body: Json) -> DashboardError:
    if response.status_code in REFUSED:
        return _refused(response, body)
    kind = ApiUnavailable if response.status_code in UNAVAILABLE else ApiProblem
    return kind(
        str(body.get("title") or response.reason_phrase or "The query API returned an error"),
        str(body.get("detail") or ""),
        str(body.get("hint") or ""),
        response.status_code,
    )


def _refused(response: httpx.Response, body: Json) -> DashboardError:
    """The API's own hint speaks of the request's key. The reader of a page has none, so it is replaced."""
    has_key = "authorization" in response.request.headers
    return ApiRefused(
        "The query API rejects the key of the dashboards" if has_key else "The query API requires a key",
        str(body.get("detail") or ""),
        "Make a key with `flowtrail keys create --scope read` and start the dashboards with it in FLOWTRAIL_API_KEY.",
        response.status_code,
    )
