"""Errors as problem details (RFC 9457). Only :func:`problem_for` turns an error into an HTTP status."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cases.errors import CasesError
from query_api.access import NotAllowed
from query_api.schemas.problem import Problem
from store.errors import StoreError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = 5
"""``Retry-After`` when the store is down: about as long as a restart takes."""

WRONG_KEY_RETRY_S: Final = 1
"""``Retry-After`` for an address that sent too many wrong keys."""

_STATUSES: Final[Mapping[str, HTTPStatus]] = {
    "not_found": HTTPStatus.NOT_FOUND,
    "invalid": HTTPStatus.BAD_REQUEST,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "unauthenticated": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
    "too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
}
_TITLES: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "Bad request",
    HTTPStatus.UNAUTHORIZED: "A key is needed",
    HTTPStatus.FORBIDDEN: "The key does not allow this",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "Method not allowed",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many wrong keys",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store is not available",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal error",
}
_HTTP: Final[Mapping[HTTPStatus, tuple[str, str]]] = {
    HTTPStatus.NOT_FOUND: ("not_found", "There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "The API only reads."),
}
_METHODS: Final = "GET, HEAD, OPTIONS"

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Makes ``app`` answer every error with problem details."""
    for kind in (CasesError, StoreError, NotAllowed, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _handle)


def problem_for(error: Exception) -> Problem:
    """What the client gets to see. Internal details go to the log only; the hint says what the client can do."""
    if isinstance(error, RequestValidationError):
        return _problem("invalid", HTTPStatus.BAD_REQUEST, *_of_validation(error))
    if isinstance(error, HTTPException):
        return _of_http(HTTPStatus(error.status_code))
    if isinstance(error, NotAllowed):
        return _problem(error.code, _STATUSES[error.code], error.message, error.hint)
    if isinstance(error, CasesError) or (isinstance(error, StoreError) and error.code == "unavailable"):
        status = _STATUSES.get(error.code)
        if status:
            detail = "The store cannot be reached." if isinstance(error, StoreError) else error.message
            hint = "Try again in a few seconds." if isinstance(error, StoreError) else error.hint
            return _problem(error.code, status, detail, hint)
    return _problem(
        "internal", HTTPStatus.INTERNAL_SERVER_ERROR, "The answer could not be computed.", "See the log of the server."
    )


def _handle(request: Request, error: Exception) -> Response:
    problem = problem_for(error)
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "OPTIONS":
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Allow": _METHODS})
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("%s %r: %s", request.method, request.url.path, error, exc_info=_trace(error, problem))
    return _response(problem)


def _trace(error: Exception, problem: Problem) -> Exception | None:
    """The error to log with its stack trace: a defect. None when the store is down, where the trace says nothing."""
    return error if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR else None


def _headers(problem: Problem) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if problem.status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(WRONG_KEY_RETRY_S)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _METHODS
    return headers


def _of_validation(error: RequestValidationError) -> tuple[str, str]:
    """Detail and hint for the first invalid parameter."""
    first: dict[str, Any] = dict(error.errors()[0])
    place, *names = first["loc"]
    reason = first["msg"].removeprefix("Value error, ")
    return f"The {place} parameter {'.'.join(map(str, names))} is invalid: {reason}.", "See docs/api.md."


def _of_http(status: HTTPStatus) -> Problem:
    code, detail = _HTTP.get(status, ("invalid", "There is nothing at this address."))
    return _problem(code, status, detail, "GET /api/v1/openapi.json lists every address.")


def _response(problem: Problem) -> Response:
    return Response(problem.model_dump_json(), problem.status, _headers(problem), MEDIA_TYPE)


def _problem(code: str, status: HTTPStatus, detail: str, hint: str) -> Problem:
    title = "Too many requests" if code == "overloaded" else _TITLES.get(status, status.phrase)
    return Problem(type=f"urn:flowtrail:problem:{code}", title=title, status=status, detail=detail, hint=hint)


MISDIRECTED: Final = _response(
    _problem(
        "misdirected",
        HTTPStatus.MISDIRECTED_REQUEST,
        "The Host header does not name this server.",
        "Use the address that the server printed at its start, or add the name to FLOWTRAIL_HOSTS.",
    )
)
"""The answer to a request for another host, as an ASGI app."""
