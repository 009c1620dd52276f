"""Health probes: whether the process is alive, and whether it is ready to answer."""

from typing import Literal

from fastapi import APIRouter, Request

from query_api.schemas.health import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health, summary="Liveness probe")
def alive() -> dict[str, Literal["ok"]]:
    """Ok whenever the process answers. Says nothing about the store. Needs no key."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Health, summary="Readiness probe")
def ready(request: Request) -> dict[str, Literal["ok"]]:
    """Ok if the store answers, else 503 with Retry-After. Needs no key."""
    request.app.state.store.ping()
    return {"status": "ok"}
