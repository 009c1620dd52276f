"""Errors between a page and the query API."""


class DashboardError(Exception):
    """Base of all errors here. ``title`` is short, ``detail`` one sentence, ``hint`` says what to do. May be empty."""

    def __init__(self, title: str, detail: str = "", hint: str = "", status: int | None = None) -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.hint = hint
        self.status = status


class ApiProblem(DashboardError):
    """The query API answered with an error: an HTTP status from 400, with or without problem details."""


class ApiRefused(ApiProblem):
    """The query API requires a key, or rejects the one that the dashboards have."""


class ApiUnavailable(DashboardError):
    """The query API or its store cannot be reached. A retry may succeed."""


class ApiUnreadable(DashboardError):
    """Something else answered: the body is not a JSON object."""
