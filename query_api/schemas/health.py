"""The answer of a health probe."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer


class Health(Answer):
    """Sent with status 200. Every other status comes with problem details."""

    status: Literal["ok"] = Field(examples=["ok"])
