"""Probes for whoever runs the server: whether the process lives, and whether it can answer."""

from typing import Literal

from fastapi import APIRouter, Request

from query_api.schemas.health import Health

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health, summary="Is the process alive?")
def alive() -> dict[str, Literal["ok"]]:
    """Always ok while the process answers at all; says nothing about the store."""
    return {"status": "ok"}


@router.get("/readyz", response_model=Health, summary="Can it answer questions?")
def ready(request: Request) -> dict[str, Literal["ok"]]:
    """Ok when the store answers; 503 with Retry-After when it does not. Needs no key."""
    request.app.state.store.ping()
    return {"status": "ok"}
