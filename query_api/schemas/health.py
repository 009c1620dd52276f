"""The answer of a probe."""

from typing import Literal

from pydantic import Field

from query_api.schemas.base import Answer


class Health(Answer):
    """Sent with status 200; anything else is a problem."""

    status: Literal["ok"] = Field(examples=["ok"])
