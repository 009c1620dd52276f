"""What can go wrong between a page and the query API."""


class DashboardError(Exception):
    """The base: a short title, one sentence of detail and a hint that says what to do."""

    def __init__(self, title: str, detail: str = "", hint: str = "", status: int | None = None) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.status = status


class ApiProblem(DashboardError):
    """The query API answered and said no (an HTTP status from 400 on, problem+json or not)."""


class ApiRefused(ApiProblem):
    """The query API wants a key, or another one than the dashboards have."""


class ApiUnavailable(DashboardError):
    """The query API, or the store behind it, cannot be reached just now; trying again is worth it."""


class ApiUnreadable(DashboardError):
    """Something answered, but not the query API: the body is not a JSON object."""
